/* A machine's figures out of files that the test wrote. */
#include "src/node/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "src/base/str.h"
#include "tests/unit/scratch.h"

static void write_file(const char *root, const char *path, const char *text)
{
	struct str full = STR_INIT;
	FILE *f;

	str_printf(&full, "%s%s", root, path);
	for (size_t i = 1; full.s[i]; i++)
		if (full.s[i] == '/') {
			full.s[i] = '\0';
			mkdir(full.s, 0700);
			full.s[i] = '/';
		}
	f = fopen(full.s, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	str_clear(&full);
}

static int setup(void **state)
{
	char *root = strdup("/tmp/weir-machine-XXXXXX");

	*state = root;
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	int rc = scratch_drop(*state);

	free(*state);
	return rc;
}

static struct device_row read_row(struct machine *m)
{
	struct device_row row = {.id = NULL};

	machine_read(m, &row);
	return row;
}

static void test_figures(void **state)
{
	const char *root = *state;
	struct machine *m;
	struct device_row row;

	write_file(root, "/proc/cpuinfo", "processor\t: 0\nmodel name\t: Acme 3000\nflags\t: x\n");
	write_file(root, "/proc/stat", "cpu  100 0 50 800 50 0 0 0 7 0\n"
		"cpu0 50 0 25 400 25 0 0 0 0 0\ncpu1 50 0 25 400 25 0 0 0 0 0\nintr 5 0\n");
	write_file(root, "/proc/meminfo", "MemTotal:        8000000 kB\nMemFree:  100 kB\n"
		"MemAvailable:    6000000 kB\n");
	write_file(root, "/proc/loadavg", "1.75 1.20 0.90 2/300 4711\n");
	write_file(root, "/sys/class/hwmon/hwmon0/name", "nvme\n");
	write_file(root, "/sys/class/hwmon/hwmon0/temp1_input", "35000\n");
	write_file(root, "/sys/class/hwmon/hwmon1/name", "k10temp\n");
	write_file(root, "/sys/class/hwmon/hwmon1/temp1_input", "61600\n");
	m = machine_new(root);
	row = read_row(m);
	assert_string_equal(row.id, "machine");
	assert_string_equal(row.kind, "cpu");
	assert_string_equal(row.name, "Acme 3000");
	assert_true(row.busy < 0); /* of what span? */
	assert_int_equal(row.cores, 2);
	assert_int_equal(row.memory_total, 8000000ll * 1024);
	assert_int_equal(row.memory_used, 2000000ll * 1024);
	assert_int_equal(row.temperature, 62);
	assert_true(row.load > 1.74 && row.load < 1.76);
	assert_true(row.encoder < 0 && row.decoder < 0 && row.power < 0);
	view_clear(device_row_desc(), &row);

	/* 30 of 40 ticks were work; waiting for a disk is none. */
	write_file(root, "/proc/stat", "cpu  120 0 60 805 55 0 0 0 9 0\n"
		"cpu0 1 1 1 1 1 1 1 1 0 0\n");
	row = read_row(m);
	assert_true(row.busy > 0.749 && row.busy < 0.751);
	view_clear(device_row_desc(), &row);
	/* Counters that did not move, or went back, say nothing. */
	row = read_row(m);
	assert_true(row.busy < 0);
	view_clear(device_row_desc(), &row);
	machine_free(m);
}

static void test_thermal_zone(void **state)
{
	const char *root = *state;
	struct machine *m;
	struct device_row row;

	write_file(root, "/sys/class/thermal/thermal_zone0/type", "acpitz\n");
	write_file(root, "/sys/class/thermal/thermal_zone0/temp", "20000\n");
	write_file(root, "/sys/class/thermal/thermal_zone3/type", "x86_pkg_temp\n");
	write_file(root, "/sys/class/thermal/thermal_zone3/temp", "48200\n");
	m = machine_new(root);
	row = read_row(m);
	assert_int_equal(row.temperature, 48);
	view_clear(device_row_desc(), &row);
	machine_free(m);
}

/* A machine that tells nothing is all unknown, and none of it zero. */
static void test_nothing(void **state)
{
	const char *root = *state;
	struct machine *m = machine_new(root);
	struct device_row row = read_row(m);

	assert_string_equal(row.name, "CPU");
	assert_true(row.busy < 0 && row.load < 0);
	assert_int_equal(row.memory_total, -1);
	assert_int_equal(row.memory_used, -1);
	assert_int_equal(row.temperature, -1);
	assert_int_equal(row.cores, -1);
	view_clear(device_row_desc(), &row);
	write_file(root, "/proc/stat", "cpu  1 2\n");
	write_file(root, "/proc/meminfo", "MemTotal:\n");
	write_file(root, "/proc/loadavg", "?\n");
	row = read_row(m);
	assert_true(row.busy < 0 && row.load < 0);
	assert_int_equal(row.memory_total, -1);
	view_clear(device_row_desc(), &row);
	machine_free(m);
	machine_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_thermal_zone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
