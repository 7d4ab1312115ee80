/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dft/state.h"
#include <string.h>

const struct term *const state_terms[] = {
    &kinetic_term, &local_term, &hartree_term, &exchange_term, &nuclei_term, &entropy_term, NULL};

double state_energy(const struct state *s, double *each)
{
    double sum = 0;
    for (int t = 0; state_terms[t]; t++) {
        double e = state_terms[t]->energy(s, NULL);
        if (each)
            each[t] = e;
        sum += e;
    }
    return sum;
}

double state_density_energy(const struct state *s, double *potential)
{
    static const struct term *const terms[] = {&local_term, &hartree_term, &exchange_term};
    double sum = 0;
    memset(potential, 0, s->grid->points * sizeof *potential);
    for (int t = 0; t < 3; t++)
        sum += terms[t]->energy(s, potential);
    return sum;
}

void state_forces(const struct state *s, double (*force)[3])
{
    memset(force, 0, (size_t)s->system->n * sizeof *force);
    for (int t = 0; state_terms[t]; t++)
        if (state_terms[t]->force)
            state_terms[t]->force(s, force);
}

void state_stress(const struct state *s, double stress[3][3])
{
    memset(stress, 0, 9 * sizeof(double));
    for (int t = 0; state_terms[t]; t++)
        if (state_terms[t]->strain)
            state_terms[t]->strain(s, stress);
    for (int i = 0; i < 9; i++)
        stress[i / 3][i % 3] /= s->grid->volume;
}
