/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/keys.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

#define KEY(name, kind, size, dim, owner, meaning)   \
    {                                                \
        name, false, kind, size, dim, owner, meaning \
    }
#define COLUMN(name, kind, size, dim, owner, meaning) \
    {                                                 \
        name, true, kind, size, dim, owner, meaning   \
    }

/* clang-format off */
const struct key keys_table[] = {
    COLUMN("species", KIND_STRING, 1, DIM_NONE, "everyone", "chemical symbol; D and T are H with their mass"),
    COLUMN("pos", KIND_REAL, 3, DIM_LENGTH, "everyone", "position"),
    COLUMN("masses", KIND_REAL, 1, DIM_MASS, "everyone", "mass, where it is not the element's"),
    COLUMN("velo", KIND_REAL, 3, DIM_VELOCITY, "everyone", "velocity"),
    COLUMN("tags", KIND_INT, 1, DIM_NONE, "everyone", "free label of an atom"),
    KEY("config_type", KIND_STRING, 1, DIM_NONE, "user", "free label of a frame, groups reports"),
    KEY("history", KIND_STRING, 1, DIM_NONE, "everyone", "programs that made the frame, in order"),
    KEY("dft_free_energy", KIND_REAL, 1, DIM_ENERGY, "dft-baseline", "Mermin free energy F, consistent with the forces"),
    KEY("dft_energy", KIND_REAL, 1, DIM_ENERGY, "dft-baseline", "internal energy E"),
    KEY("dft_entropy_energy", KIND_REAL, 1, DIM_ENERGY, "dft-baseline", "T S = E - F"),
    COLUMN("dft_forces", KIND_REAL, 3, DIM_FORCE, "dft-baseline", "-dF/dR"),
    KEY("dft_stress", KIND_REAL, 9, DIM_STRESS, "dft-baseline", "(1/V) dF/dstrain"),
    KEY("dft_settings", KIND_STRING, 1, DIM_NONE, "dft-baseline", "functional, cut-off, mesh, electronic temperature"),
    KEY("kpoints", KIND_REAL, 0, DIM_NONE, "dft-baseline --orbitals", "fractional k points carried, three numbers each"),
    KEY("orbital_basis", KIND_STRING, 1, DIM_NONE, "dft-baseline --orbitals", "name of the basis"),
    KEY("orbital_shells", KIND_REAL, 0, DIM_NONE, "dft-baseline --orbitals", "a basis that is not built in: for each shell l, number of primitives, exponents (1/bohr^2) and coefficients"),
    KEY("orbital_spillage", KIND_REAL, 1, DIM_NONE, "dft-baseline --orbitals", "1 - norm captured by the basis, worst orbital"),
    COLUMN("orbitals", KIND_REAL, 0, DIM_NONE, "dft-baseline --orbitals", "coefficients: k point, orbital, function of the atom"),
    KEY("jastrow", KIND_REAL, 0, DIM_NONE, "qmc-sample", "parameters, atomic units, in the order of qmc-sample(1)"),
    KEY("jastrow_form", KIND_STRING, 1, DIM_NONE, "qmc-sample", "form of the Jastrow factor"),
    KEY("vmc_energy", KIND_REAL, 1, DIM_ENERGY, "qmc-sample", "total energy of the cell"),
    KEY("vmc_variance", KIND_REAL, 1, DIM_NONE, "qmc-sample", "variance of the local energy, eV^2"),
    KEY("vmc_samples", KIND_INT, 1, DIM_NONE, "qmc-sample", "samples behind it"),
    KEY("vmc_twist_energy", KIND_REAL, 0, DIM_ENERGY, "qmc-sample --twist-energies", "energy of each twist, in the order of kpoints"),
    KEY("dmc_energy", KIND_REAL, 1, DIM_ENERGY, "qmc-sample --method dmc", "fixed-node energy"),
    KEY("dmc_timestep", KIND_REAL, 1, DIM_NONE, "qmc-sample --method dmc", "time step of dmc_energy, 1/Ha; 0: extrapolated"),
    KEY("dmc_samples", KIND_INT, 1, DIM_NONE, "qmc-sample --method dmc", "walker steps behind it"),
    KEY("dmc_timesteps", KIND_REAL, 0, DIM_NONE, "qmc-sample --method dmc", "time steps that were extrapolated, 1/Ha"),
    KEY("dmc_timestep_energy", KIND_REAL, 0, DIM_ENERGY, "qmc-sample --method dmc", "energy at each of them"),
    KEY("qmc_finite_size_energy", KIND_REAL, 1, DIM_ENERGY, "qmc-sample, qmc-force", "two-body correction, never added silently"),
    KEY("qmc_finite_size_kinetic_energy", KIND_REAL, 1, DIM_ENERGY, "qmc-sample", "its kinetic part"),
    COLUMN("vmc_forces", KIND_REAL, 3, DIM_FORCE, "qmc-force", "forces"),
    COLUMN("vmc_forces_covariance", KIND_REAL, 6, DIM_NONE, "qmc-force --covariance", "covariance of the components of vmc_forces of an atom, xx xy xz yy yz zz, (eV/A)^2"),
    KEY("vmc_forces_estimator", KIND_STRING, 1, DIM_NONE, "qmc-force", "estimator of the forces"),
    KEY("vmc_stress", KIND_REAL, 9, DIM_STRESS, "qmc-force", "stress"),
    COLUMN("vmc_orbital_gradient", KIND_REAL, 0, DIM_ENERGY, "qmc-force --response", "dE/d(orbitals), shape of orbitals"),
    COLUMN("vmc_orbital_gradient_replicas", KIND_REAL, 0, DIM_ENERGY, "qmc-force --response", "draws of its error, replica after replica"),
    COLUMN("vmc_forces_response", KIND_REAL, 3, DIM_FORCE, "dft-baseline --response", "what orbitals that follow the nuclei add to vmc_forces"),
    COLUMN("vmc_forces_replicas", KIND_REAL, 0, DIM_FORCE, "qmc-force --response", "draws of the error of vmc_forces, correlated with these"),
    KEY("vmc_stress_response", KIND_REAL, 9, DIM_STRESS, "dft-baseline --response", "what orbitals that follow the cell add to vmc_stress"),
    KEY("vmc_stress_replicas", KIND_REAL, 0, DIM_STRESS, "qmc-force --response", "draws of the error of vmc_stress, correlated with these"),
    COLUMN("soap", KIND_REAL, 0, DIM_NONE, "soap-describe", "descriptor of an atom"),
    KEY("soap_settings", KIND_STRING, 1, DIM_NONE, "soap-describe", "its hyperparameters"),
    KEY("energy", KIND_REAL, 1, DIM_ENERGY, "delta-md, kernel-predict", "total energy of the cell"),
    COLUMN("forces", KIND_REAL, 3, DIM_FORCE, "delta-md, kernel-predict", "forces"),
    KEY("stress", KIND_REAL, 9, DIM_STRESS, "delta-md, kernel-predict", "stress, tension positive"),
    KEY("virial", KIND_REAL, 9, DIM_ENERGY, "other programs", "-V stress"),
    KEY("temperature", KIND_REAL, 1, DIM_TEMPERATURE, "delta-md, md-average", "temperature"),
    KEY("time", KIND_REAL, 1, DIM_TIME, "delta-md", "time since the start of the run"),
    KEY("step", KIND_INT, 1, DIM_NONE, "delta-md", "number of the time step"),
    KEY("replica", KIND_INT, 1, DIM_NONE, "delta-md", "which of several trajectories from one start"),
    KEY("thermostat_temperature", KIND_REAL, 1, DIM_TEMPERATURE, "delta-md", "temperature of the thermostat"),
    KEY("entropy_energy", KIND_REAL, 1, DIM_ENERGY, "kernel-predict", "T S of the electrons: what energy, if a free energy, lacks"),
    KEY("energy_uncertainty", KIND_REAL, 1, DIM_ENERGY, "kernel-predict, delta-md", "predictive standard deviation"),
    COLUMN("forces_uncertainty", KIND_REAL, 3, DIM_FORCE, "kernel-predict, delta-md", "predictive standard deviation"),
    KEY("weight", KIND_REAL, 1, DIM_ENERGY, "kernel-fit", "weight of a sparse environment of a model"),
    KEY("internal_energy", KIND_REAL, 1, DIM_ENERGY, "md-average", "mean internal energy of the cell"),
    KEY("pressure_GPa", KIND_REAL, 1, DIM_PRESSURE, "md-average", "mean pressure"),
    KEY("density", KIND_REAL, 1, DIM_DENSITY, "md-average", "mass density"),
    KEY("samples", KIND_INT, 1, DIM_NONE, "md-average", "frames behind the means"),
    KEY("effective_samples", KIND_REAL, 1, DIM_NONE, "md-average",
        "what weights leave of samples: (sum w)^2 / sum w^2"),
    KEY("molecular_fraction", KIND_REAL, 1, DIM_NONE, "md-average", "share of atoms in molecules"),
    KEY("molecular_lifetime", KIND_REAL, 1, DIM_TIME, "md-average", "mean lifetime of a molecule"),
    KEY("diffusion_coefficient", KIND_REAL, 1, DIM_NONE, "md-average", "self-diffusion coefficient, A^2/fs"),
    KEY("hugoniot_residual_GPa", KIND_REAL, 1, DIM_PRESSURE, "hugoniot", "Rankine-Hugoniot residual over the volume"),
    KEY("compression", KIND_REAL, 1, DIM_NONE, "hugoniot", "density over initial density"),
    KEY("shock_velocity", KIND_REAL, 1, DIM_SPEED, "hugoniot", "shock velocity"),
    KEY("particle_velocity", KIND_REAL, 1, DIM_SPEED, "hugoniot", "particle velocity"),
    {NULL, false, KIND_REAL, 0, DIM_NONE, NULL, NULL},
};
/* clang-format on */

const struct key *keys_find(const char *name)
{
    for (const struct key *k = keys_table; k->name; k++)
        if (!strcmp(k->name, name))
            return k;
    return NULL;
}

static bool ends_with(const char *name, size_t n, const char *ending)
{
    size_t m = strlen(ending);
    return n >= m && !strncmp(name + n - m, ending, m);
}

enum dimension keys_dimension(const char *name)
{
    const struct key *key = keys_find(name);
    size_t n = strlen(name);
    char stem[64];
    if (key)
        return key->dim;
    size_t companion = ends_with(name, n, "_error")         ? strlen("_error")
                       : ends_with(name, n, "_uncertainty") ? strlen("_uncertainty")
                                                            : 0;
    if (companion && n - companion < sizeof stem) {
        memcpy(stem, name, n - companion);
        stem[n - companion] = 0;
        return keys_dimension(stem);
    }
    return ends_with(name, n, "_energy")   ? DIM_ENERGY
           : ends_with(name, n, "_forces") ? DIM_FORCE
           : ends_with(name, n, "_stress") ? DIM_STRESS
           : ends_with(name, n, "_GPa")    ? DIM_PRESSURE
                                           : DIM_NONE;
}

enum status keys_get(const struct frame *f, const char *name, size_t n, double *au, struct err *err)
{
    enum status status = frame_get_reals(f, name, n, au, err);
    double unit = units_stream(keys_dimension(name));
    for (size_t i = 0; !status && i < n; i++)
        au[i] *= unit;
    return status;
}

static double *in_stream_units(const char *name, size_t n, const double *au)
{
    double *x = MEM_NEW(double, n), unit = units_stream(keys_dimension(name));
    for (size_t i = 0; i < n; i++)
        x[i] = au[i] / unit;
    return x;
}

void keys_set(struct frame *f, const char *name, size_t n, const double *au)
{
    double *x = in_stream_units(name, n, au);
    frame_set_reals(f, name, n, x);
    free(x);
}

enum status keys_get_column(const struct frame *f, const char *name, size_t cols, double *au,
                            struct err *err)
{
    const double *x = frame_reals(f, name, cols, err);
    double unit = units_stream(keys_dimension(name));
    for (size_t i = 0; x && i < frame_atoms(f) * frame_column_cols(f, name); i++)
        au[i] = x[i] * unit;
    return x ? ST_OK : ST_DATA;
}

void keys_set_column(struct frame *f, const char *name, size_t cols, const double *au)
{
    size_t n = frame_atoms(f) * cols;
    double *x = frame_add_reals(f, name, cols), unit = units_stream(keys_dimension(name));
    for (size_t i = 0; i < n; i++)
        x[i] = au[i] / unit;
}

void keys_set_pair(struct frame *f, const char *name, size_t n, const double *au,
                   const double *error)
{
    char *with_error = mem_print("%s_error", name);
    keys_set(f, name, n, au);
    keys_set(f, with_error, n, error);
    free(with_error);
}

void keys_remove_pair(struct frame *f, const char *name)
{
    char *with_error = mem_print("%s_error", name);
    frame_remove_key(f, name);
    frame_remove_key(f, with_error);
    free(with_error);
}
