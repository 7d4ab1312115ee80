/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the Jastrow factor: what its terms (one file each) see of it and what each of them offers.
 * Shapes and units as in jastrow.h; all functions ADD to their outputs.
 */
#ifndef QMC_JASTROW_TERM_H
#define QMC_JASTROW_TERM_H

#include "qmc/images.h"
#include "qmc/jastrow.h"
#include "qmc/radial.h"

#define JASTROW_ELEMENTS 8 /* different elements in one system */
#define JASTROW_G 4        /* radial functions of an electron-nucleus distance in f */
#define JASTROW_H 3        /* functions of an electron-electron distance in f, the first is 1 */
#define JASTROW_PAIRS 10   /* JASTROW_G (JASTROW_G + 1) / 2 */
#define JASTROW_P 4        /* functions of |G| in p, at most */
#define JASTROW_B 4        /* functions of the distance of two nuclei in q, at most */
#define JASTROW_KINDS (JASTROW_ELEMENTS * (JASTROW_ELEMENTS + 1) / 2) /* pairs of elements */
#define JASTROW_WAVES 128 /* pairs G, -G within the cut-off of p, at most */

/* Leading parameters: not linear in J */
enum {
    JASTROW_RANGE_U,
    JASTROW_CUTOFF_U,
    JASTROW_RANGE_CHI,
    JASTROW_CUTOFF_CHI,
    JASTROW_CUTOFF_G, /* of f, from a nucleus */
    JASTROW_CUTOFF_H, /* of f, between electrons */
    JASTROW_CUTOFF_P, /* 1/bohr */
    JASTROW_CUTOFF_Q, /* of q, from a nucleus; this and the next only in forms with q */
    JASTROW_CUTOFF_R, /* of q, between nuclei */
    JASTROW_CUTOFFS
};

/* Four numbers that are computed together; at any address of a double. */
typedef double jastrow_four __attribute__((vector_size(32), aligned(8)));

struct jastrow_waves { /* of p: half of the vectors G within the cut-off */
    int n, top[3];     /* vectors, largest index */
    double g[3][JASTROW_WAVES];
    int index[JASTROW_WAVES][3]; /* of the reduced reciprocal vectors */
    double square[JASTROW_WAVES];
    double weight[JASTROW_WAVES];         /* b(G) = sum_k a_k phi_k(G) */
    double phi[JASTROW_P][JASTROW_WAVES]; /* db/da_k */
    double slope[JASTROW_WAVES];          /* db/d(G^2) at fixed volume */
    double cutoff_slope[JASTROW_WAVES];   /* db/d(cut-off) */
};

struct jastrow_bond {        /* two nuclei, of q */
    double slope[JASTROW_B]; /* b_k'/R */
    double d[3], r2;         /* from the second to the first */
};

struct jastrow {
    struct images images;
    int n_up, electrons;
    int atoms;
    double (*nucleus)[3]; /* sorted by element */
    int *atom;            /* number in the system of nucleus[.] */
    int elements;
    int charge[JASTROW_ELEMENTS];    /* ascending */
    int first[JASTROW_ELEMENTS + 1]; /* nuclei of element e: first[e] .. first[e+1]-1 */
    int u_order, chi_order, f_order, p_order, q_order, m_order;
    int cutoffs, count;                /* f_order: 0 (no such term) or 1 */
    bool f_active, p_active, q_active; /* not all of their parameters are zero */
    double waves_limit;                /* of the cut-off of p */
    double *parameters;
    struct radial u[2]; /* antiparallel, parallel */
    struct radial chi[JASTROW_ELEMENTS];
    double gamma[JASTROW_ELEMENTS][2][JASTROW_H][JASTROW_G][JASTROW_G];  /* symmetric in l, m */
    double lambda[JASTROW_KINDS][2][JASTROW_B][JASTROW_G][JASTROW_G];    /* likewise */
    double mu[JASTROW_ELEMENTS][JASTROW_ELEMENTS][JASTROW_B][JASTROW_G]; /* of I and J, d_lk */
    double (*shift)[JASTROW_G];     /* [atoms] of m: sum_J mu_l(R_IJ), part of every field of q */
    double (*bond)[JASTROW_B];      /* [atoms][atoms] b_k(R_IJ), 0 for I = J */
    struct jastrow_bond *bond_more; /* [atoms][atoms] */
    double rec[3][3];               /* of the reduced cell */
    struct jastrow_waves waves;
    char form[60];
};

struct jastrow_near {  /* a nucleus within the cut-off of f */
    double four[5][4]; /* radial_four */
    double d[3];       /* from it to the electron */
    int atom, element;
};

struct jastrow_pair { /* of jastrow_f_differential.c: h_1 and h_2 as radial_four's kinds */
    double d[3], h[5][2];
    const double *vi, *vj;
};

struct jastrow_work {
    int walkers, electrons, atoms;
    double *x, *y, *z; /* [atoms or electrons] displacements */
    double *r2;        /* likewise, their squares */
    int *list;         /* likewise, those within a cut-off */
    /* f: g_l(r_iI) of electrons where they stand, sums over the electrons of a spin, and those of the
     * positions asked for last */
    double *row;     /* [walker][atom][electron][4]: sums over electrons about one atom read it */
    double *row_sum; /* [walker][spin][atom][4] */
    double *row_new; /* [walker][atom][4] */
    struct jastrow_near *near;
    double (*h)[5][2]; /* [partner]: h_n, its gradient and Laplacian, n = 1, 2 */
    int *partner;      /* [partner], electrons in ascending order */
    /* q: q_l(r_iI) likewise, sums over a spin (of the last walker), fields, scratch */
    double *q_row, *q_sum, *q_field, *q_row_new; /* [walker][electron][atom][4], [spin][atom][4],
                                                    [walker][spin][atom][4], [walker][atom][4] */
    jastrow_four *q_y;                           /* [2][atom][element][JASTROW_B] */
    int *q_atom;                                 /* [2][atom] */
    /* p: cos and sin of G.r likewise, the stride being the number of vectors */
    double *wave, *wave_sum, *wave_new; /* [walker][electron][2][G], [walker][2][G] */
    /* for derivatives, made when first needed: of one configuration */
    struct jastrow_near *deep;                  /* [atom][electrons]: those within the cut-off, */
    int *deep_electron, *deep_count;            /* their numbers and how many: [atom] */
    double *row_cut;                            /* [atom][electron][4], d(row)/d(cut-off) */
    double (*h_cut)[5][2];                      /* [partner], d(h)/d(cut-off) */
    double *q_flow, *q_flow_sum, *q_flow_field; /* [electron][atom][4], [spin][atom][4] twice */
    jastrow_four *half;                         /* [atom][..] of jastrow_f_differential.c */
    struct jastrow_pair *pair;                  /* [electron], likewise */
};

/* Those of jastrow_work that only derivatives need. */
void jastrow_work_deepen(struct jastrow_work *work);

struct jastrow_term {
    double share; /* of a term's value that belongs to one electron: 1/2 where each pair is met
                     twice */
    int (*parameters)(const struct jastrow *j); /* linear ones */
    void (*load)(const struct jastrow *j, struct jastrow_work *work, int walkers,
                 const double pos[][3]); /* may be NULL */
    void (*accept)(const struct jastrow *j, struct jastrow_work *work, int walker,
                   int i); /* likewise */
    /* after load: what the sum of the electrons' shares lacks of J; may be NULL */
    void (*rest)(const struct jastrow *j, const struct jastrow_work *work, int walkers,
                 double value[]);
    /* may be NULL */
    void (*electron)(const struct jastrow *j, struct jastrow_work *work, int walkers,
                     const double pos[][3], int i, const double r[][3], double value[],
                     double gradient[][3], double laplacian[]);
    /* value, energy: of all parameters; at: the first linear one of this term */
    void (*derivatives)(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                        const double velocity[][3], int at, double value[], double energy[]);
    void (*differential)(const struct jastrow *j, struct jastrow_work *work, const double pos[][3],
                         const double velocity[][3], struct jastrow_differential *d);
};

extern const struct jastrow_term jastrow_u, jastrow_chi, jastrow_f, jastrow_p, jastrow_q, jastrow_m;

/* p: vectors, weights and their derivatives from the parameters. */
void jastrow_waves_set(struct jastrow *j, double cutoff, const double a[]);
/* q: lambda and the functions of the nuclei's distances from the parameters. */
void jastrow_q_set(struct jastrow *j, const double a[]);
/* m: mu and its sums over nuclei, after jastrow_q_set. */
void jastrow_m_set(struct jastrow *j, const double a[]);
/* The longest cut-off that has no more than JASTROW_WAVES of them. */
double jastrow_waves_limit(const struct jastrow *j);

/*
 * A list of displacements for the radial functions, in segments that belong to one owner. When a
 * list is full it is flushed: evaluated and added to its owners.
 */
struct jastrow_list {
    int n, segments;
    double x[RADIAL_LIST], y[RADIAL_LIST], z[RADIAL_LIST], r2[RADIAL_LIST];
    int owner[RADIAL_LIST], start[RADIAL_LIST + 1];
};

/* Append r - partner[0 .. n-1] to the list as (part of) owner's segment, flushing when it is full.
 */
struct jastrow_sums {
    const struct jastrow *j;
    const struct radial *f;
    double *value, (*gradient)[3], *laplacian; /* per owner */
};
void jastrow_list_add(struct jastrow_list *list, const struct jastrow_sums *sums, int owner,
                      const double r[3], int n, const double partner[][3]);
void jastrow_list_flush(struct jastrow_list *list, const struct jastrow_sums *sums);
/* The same at once for few partners partner[k[0 .. n-1]] of each walker, their places `stride` apart from walker to
 * walker: the numbers that are computed together are those of different walkers. r[walker]: owner's. */
#define JASTROW_FEW 3
void jastrow_list_few(const struct jastrow_sums *sums, int walkers, const double r[][3], int n,
                      const int k[], const double partner[][3], size_t stride);
/* Fold to the shortest images and fill r2. */
void jastrow_list_distances(struct jastrow_list *list, const struct jastrow *j);

#endif
