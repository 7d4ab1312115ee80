/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/units.h against the constants of CODATA 2018 in SI units, and the syntax of quantities. */
#include "base/units.h"
#include "check.h"

/* Tiesinga et al. (2021): SI values; the derived ones must follow from them to the digits given. */
static void constants_follow_from_the_si_values(void)
{
    const double bohr = 5.29177210903e-11, hartree = 4.3597447222071e-18, e = 1.602176634e-19;
    const double k_B = 1.380649e-23, me = 9.1093837015e-31, amu = 1.66053906660e-27;
    const double hbar = 6.62607015e-34 / (2 * M_PI);
    CHECK_NEAR(UNITS_BOHR_A / (bohr * 1e10), 1, 1e-14);
    CHECK_NEAR(UNITS_HARTREE_EV / (hartree / e), 1, 2e-12);
    CHECK_NEAR(UNITS_HARTREE_K / (hartree / k_B), 1, 2e-12);
    CHECK_NEAR(UNITS_AMU_ME / (amu / me), 1, 2e-10);
    CHECK_NEAR(UNITS_TIME_FS / (hbar / hartree * 1e15), 1, 2e-12);
    CHECK_NEAR(UNITS_PRESSURE_GPA / (hartree / (bohr * bohr * bohr) * 1e-9), 1, 2e-10);
    CHECK_NEAR(UNITS_VELOCITY_KM_S / (bohr * hartree / hbar * 1e-3), 1, 2e-10);
    CHECK_NEAR(UNITS_DENSITY_G_CM3 / (me / (bohr * bohr * bohr) * 1e-3), 1, 2e-10);
}

static void quantities_become_atomic_units(void)
{
    static const struct {
        const char *text;
        enum dimension dim;
        double au;
    } table[] = {
        {"2.385", DIM_NONE, 2.385},
        {"-1e3", DIM_NONE, -1000},
        {"27.211386245988", DIM_ENERGY, 1},
        {"40Ha", DIM_ENERGY, 40},
        {"80Ry", DIM_ENERGY, 40},
        {"0.5mHa", DIM_ENERGY, 0.5e-3},
        {"3mRy", DIM_ENERGY, 1.5e-3},
        {"27211.386245988meV", DIM_ENERGY, 1},
        {"2625.4996394799kJ/mol", DIM_ENERGY, 1},
        {"627.5094740631kcal/mol", DIM_ENERGY, 1},
        {"5bohr", DIM_LENGTH, 5},
        {"0.529177210903", DIM_LENGTH, 1},
        {"0.529177210903A", DIM_LENGTH, 1},
        {"52.9177210903pm", DIM_LENGTH, 1},
        {"0.0529177210903nm", DIM_LENGTH, 1},
        {"0.024188843265857fs", DIM_TIME, 1},
        {"24.188843265857as", DIM_TIME, 1},
        {"0.24188843265857e-4ps", DIM_TIME, 1},
        {"315775.02480407", DIM_TEMPERATURE, 1},
        {"315.77502480407kK", DIM_TEMPERATURE, 1},
        {"29421.015696GPa", DIM_PRESSURE, 1},
        {"294.21015696Mbar", DIM_PRESSURE, 1},
        {"294210.15696kbar", DIM_PRESSURE, 1},
        {"29421015.696MPa", DIM_PRESSURE, 1},
        {"294210156.96bar", DIM_PRESSURE, 1},
        {"2.9421015696e13Pa", DIM_PRESSURE, 1},
        {"1Ha/bohr3", DIM_PRESSURE, 1},
        {"29421.015696GPa", DIM_STRESS, 1},
        {"6.147316825738e-3g/cm3", DIM_DENSITY, 1},
        {"6.147316825738kg/m3", DIM_DENSITY, 1},
        {"5mHa/bohr", DIM_FORCE, 5e-3},
        {"2Ry/bohr", DIM_FORCE, 1},
        {"51.422067476325892eV/A", DIM_FORCE, 1},
        {"51422.067476325892meV/A", DIM_FORCE, 1},
        {"1822.888486209me", DIM_MASS, 1822.888486209},
        {"2u", DIM_MASS, 3645.776972418},
        {"2", DIM_MASS, 3645.776972418},
        {"2187.69126364km/s", DIM_SPEED, 1},
        {"2187691.26364m/s", DIM_SPEED, 1},
        {"21.8769126364A/fs", DIM_VELOCITY, 1},
        {"21876.9126364A/ps", DIM_SPEED, 1},
        {"8bohr3", DIM_VOLUME, 8},
        {"0.14818471147216278A3", DIM_VOLUME, 1},
        {"41.34137333518211/fs", DIM_RATE, 1},
        {"41341.37333518211/ps", DIM_RATE, 1},
        {"1/fs", DIM_RATE, 0.024188843265857},
        {"1.889726124625771/A", DIM_WAVE_NUMBER, 1},
        {"3.398930921803483e-5/GPa", DIM_COMPRESSIBILITY, 1},
        {"3.398930921803483e-3/Mbar", DIM_COMPRESSIBILITY, 1},
        {"2.385au", DIM_RATE, 2.385},
        {"2.385au", DIM_PRESSURE, 2.385},
        {".5A", DIM_LENGTH, 0.5 / 0.529177210903},
        {"5.A", DIM_LENGTH, 5 / 0.529177210903},
        {"+1e1eV", DIM_ENERGY, 10 / 27.211386245988},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double au = NAN;
        struct err err = {0};
        enum status status = units_parse(table[i].text, table[i].dim, &au, &err);
        if (isnan(table[i].au))
            CHECK(status == ST_USAGE);
        else if (!(fabs(au / table[i].au - 1) < 1e-9)) {
            printf("'%s' gave %.17g, not %.17g (%s)\n", table[i].text, au, table[i].au, err.text);
            check_failures++;
        }
    }
}

static void what_is_no_decimal_number_is_refused(void)
{
    static const char *const bad[] = {"",     "nan", "NaN",  "inf",   "-inf", "infinity", "0x10",
                                      "-0x1", " 1",  "1 ",   "1 eV",  "eV",   "--1",      "1e999",
                                      ".",    "-",   "+-1",  "1,5eV", "1e",   "1eVx",     "1Ev",
                                      "1nan", "e5",  "1 Ha", "\t1",   "1GHz"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double au = 2.385;
        struct err err = {0};
        if (units_parse(bad[i], DIM_ENERGY, &au, &err) != ST_USAGE || au != 2.385 || !*err.text) {
            printf("'%s' was accepted\n", bad[i]);
            check_failures++;
        }
    }
}

static void a_unit_of_another_dimension_is_named(void)
{
    struct err err = {0};
    double au;
    CHECK(units_parse("40K", DIM_ENERGY, &au, &err) == ST_USAGE);
    CHECK(strstr(err.text, "is a temperature, but an energy is expected"));
    CHECK(strstr(err.text, "mHa"));
    CHECK(units_parse("3eV", DIM_NONE, &au, &err) == ST_USAGE);
    CHECK(units_parse("3au", DIM_NONE, &au, &err) == ST_USAGE);
    CHECK(units_parse("3eV", DIM_TEMPERATURE, &au, &err) == ST_USAGE);
}

static void every_dimension_has_its_stream_unit(void)
{
    for (int d = DIM_ENERGY; d <= DIM_WAVE_NUMBER; d++) {
        enum dimension found = DIM_NONE;
        double size = 0;
        const char *name = units_stream_name((enum dimension)d);
        CHECK(*name && units_find(name, &found, &size));
        CHECK(found == (enum dimension)d);
        CHECK_NEAR(units_stream((enum dimension)d) / size, 1, 1e-15);
    }
    CHECK(units_stream(DIM_NONE) == 1);
}

static const struct check_case cases[] = {
    {"constants", constants_follow_from_the_si_values},
    {"quantities", quantities_become_atomic_units},
    {"refused", what_is_no_decimal_number_is_refused},
    {"dimension", a_unit_of_another_dimension_is_named},
    {"stream", every_dimension_has_its_stream_unit},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    return check_main(argc, argv, cases);
}
