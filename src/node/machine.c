#include "src/node/machine.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"

#define TEXT_MAX 8192
#define KIB 1024

struct machine {
	char *root;
	char *sensor; /* a file with thousandths of a degree; NULL none */
	char name[64];
	uint64_t busy, all; /* jiffies at the last look */
	int64_t cores;
};

/* The file's first bytes; false: it cannot be read. */
static bool slurp(const struct machine *m, const char *path, char text[static TEXT_MAX])
{
	struct str full = STR_INIT;
	size_t n = 0;
	FILE *f;

	str_printf(&full, "%s%s", m->root, path);
	f = fopen(full.s, "re");
	str_clear(&full);
	if (!f)
		return false;
	n = fread(text, 1, TEXT_MAX - 1, f);
	fclose(f);
	text[n] = '\0';
	return n > 0;
}

/* What follows on `key` in the text; NULL: it is not there. */
static const char *after(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? at + strlen(key) : NULL;
}

/* --- once --- */

static void read_processor(struct machine *m)
{
	char text[TEXT_MAX];
	const char *at = NULL;

	snprintf(m->name, sizeof(m->name), "CPU");
	if (slurp(m, "/proc/cpuinfo", text))
		at = after(text, "model name\t: ");
	if (at)
		snprintf(m->name, sizeof(m->name), "%.*s", (int)strcspn(at, "\n"), at);
}

static bool is_a_processors(const char *kind)
{
	static const char *const kinds[] = {"coretemp", "k10temp", "zenpower", "cpu_thermal",
		"x86_pkg_temp", "cpu-thermal"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

/* The first file beside one of `pattern` that names a processor's sensor. */
static void find_sensor(struct machine *m, const char *pattern, const char *value)
{
	struct str full = STR_INIT;
	char text[TEXT_MAX];
	glob_t found;

	str_printf(&full, "%s%s", m->root, pattern);
	if (glob(full.s, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !m->sensor; i++) {
			const char *path = found.gl_pathv[i] + strlen(m->root);

			if (!slurp(m, path, text))
				continue;
			text[strcspn(text, "\n")] = '\0';
			if (!is_a_processors(text))
				continue;
			str_truncate(&full, 0);
			str_addn(&full, path, (size_t)(strrchr(path, '/') - path));
			str_printf(&full, "/%s", value);
			m->sensor = xstrdup(full.s);
		}
		globfree(&found);
	}
	str_clear(&full);
}

struct machine *machine_new(const char *root)
{
	struct machine *m = XNEW(struct machine);

	m->root = xstrdup(root);
	read_processor(m);
	find_sensor(m, "/sys/class/hwmon/hwmon*/name", "temp1_input");
	if (!m->sensor)
		find_sensor(m, "/sys/class/thermal/thermal_zone*/type", "temp");
	return m;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	free(m->root);
	free(m->sensor);
	free(m);
}

/* --- each time --- */

/* user nice system idle iowait irq softirq steal: of these all but idle and
 * iowait are work, and what a hypervisor took is not ours. */
static double share_busy(struct machine *m)
{
	char text[TEXT_MAX];
	uint64_t v[8], all = 0, busy, was_all = m->all, was_busy = m->busy;
	const char *at;

	if (!slurp(m, "/proc/stat", text) ||
		sscanf(text, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			" %" SCNu64 " %" SCNu64 " %" SCNu64, &v[0], &v[1], &v[2], &v[3],
			&v[4], &v[5], &v[6], &v[7]) != 8)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		all += v[i];
	busy = all - v[3] - v[4] - v[7];
	m->all = all;
	m->busy = busy;
	m->cores = 0;
	for (at = text; (at = after(at, "\ncpu"));)
		m->cores++;
	return was_all && all > was_all && busy >= was_busy
		? (double)(busy - was_busy) / (double)(all - was_all) : -1;
}

static void read_memory(const struct machine *m, struct device_row *row)
{
	char text[TEXT_MAX];
	const char *total, *available;

	row->memory_total = row->memory_used = -1;
	if (!slurp(m, "/proc/meminfo", text))
		return;
	total = after(text, "MemTotal:");
	available = after(text, "MemAvailable:");
	if (!total || !available)
		return;
	row->memory_total = strtoll(total, NULL, 10) * KIB;
	row->memory_used = row->memory_total - strtoll(available, NULL, 10) * KIB;
}

static int64_t degrees(const struct machine *m)
{
	char text[TEXT_MAX];

	return m->sensor && slurp(m, m->sensor, text) ? (strtoll(text, NULL, 10) + 500) / 1000
		: -1;
}

void machine_read(struct machine *m, struct device_row *row)
{
	char text[TEXT_MAX];
	double load;

	view_set(&row->id, "machine");
	view_set(&row->kind, "cpu");
	view_set(&row->name, m->name);
	view_set(&row->state, "ok");
	row->busy = share_busy(m);
	row->encoder = row->decoder = row->power = row->load = -1;
	row->encoder_sessions = -1;
	row->cores = m->cores > 0 ? m->cores : -1;
	row->temperature = degrees(m);
	read_memory(m, row);
	if (slurp(m, "/proc/loadavg", text) && sscanf(text, "%lf", &load) == 1)
		row->load = load;
}
