/* What the new configuration has of the old node: its flags, and the price that
 * its jobs were done at. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/file.h"
#include "src/migrate/new_config.h"
#include "src/migrate/segment_price.h"
#include "src/wizard/migration.h"
#include "src/wizard/old_runs.h"

#define FLAGS_FILE_MAX (256u << 10)

/* --- flags --- */

static bool is_unit(const char *path, const struct str *text)
{
	return str_has_suffix(path, ".service") || strstr(str_cstr(text), "[Service]");
}

/* A file where there is one of that name, else what was typed. */
static struct err *read_flags(const char *said, enum old_line line, struct old_flags **out)
{
	struct str text = STR_INIT;
	struct stat st;
	struct err *e;

	if (stat(said, &st) != 0)
		return old_flags_from_shell(said, strlen(said), line, out);
	e = file_read(said, FLAGS_FILE_MAX, &text);
	if (!e && memchr(str_cstr(&text), '\0', text.len))
		e = old_flags_from_cmdline(text.s, text.len, line, out);
	else if (!e && is_unit(said, &text))
		e = old_flags_from_unit(text.s, text.len, line, out);
	else if (!e)
		e = old_flags_from_shell(str_cstr(&text), text.len, line, out);
	str_clear(&text);
	return err_wrap(e, "%s", said);
}

/* A command that was typed, or that ran, is kept as text without its passwords: the
 * record is no place for them, and the process will be gone. */
static struct err *keep_text(struct migration *m, const char *said)
{
	struct str text = STR_INIT;
	struct stat st;
	struct err *e;

	if (stat(said, &st) == 0 && !str_has_prefix(said, "/proc/"))
		return NULL;
	old_flags_text(&text, m->old_flags);
	e = choices_set(&m->choices, "oldFlags", text.s);
	str_clear(&text);
	return e;
}

char *migration_old_datadir(const struct migration *m)
{
	const char *said = choices_own(&m->choices, CHOICE_OLD_FLAGS), *home = getenv("HOME");
	struct old_flags *f = NULL;
	struct err *e = said ? read_flags(said, OLD_LINE_ALPHA, &f) : NULL;
	char *dir = !e && f ? old_flags_datadir(f, home ? home : "/root") : NULL;
	struct stat st;

	err_free(e); /* it will be said when the flags are read */
	old_flags_free(f);
	if (dir && stat(dir, &st) != 0)
		free(TAKE(dir));
	return dir;
}

struct err *migration_read_flags(struct migration *m)
{
	struct err *e = migration_ask_flags(m);
	const char *said = choices_own(&m->choices, CHOICE_OLD_FLAGS);
	enum old_line line = m->alpha->generation == ALPHA_0_4 ? OLD_LINE_0_4 : OLD_LINE_ALPHA;

	if (e || !said)
		return e;
	e = read_flags(said, line, &m->old_flags);
	if (!e)
		e = keep_text(m, said);
	if (e)
		return err_wrap(e, "oldFlags");
	for (size_t i = 0; i < m->old_flags->n_findings; i++)
		migration_remark(m, "warn", "flags", "%s %s", m->old_flags->findings[i].text,
			m->old_flags->findings[i].remedy);
	for (size_t i = 0; i < m->old_flags->n_flags; i++) {
		const struct old_flag *f = &m->old_flags->flags[i];

		if (f->fate == OLD_LOST || f->fate == OLD_ASKS || f->fate == OLD_UNKNOWN)
			migration_remark(m, f->fate == OLD_UNKNOWN ? "warn" : "note", "flags",
				"-%s: %s", f->name, f->comment);
	}
	return NULL;
}

/* --- the configuration --- */

static void take_price(const struct migration *m, const char *name, struct price *out)
{
	const char *per = choices_get(&m->choices, name);
	const char *unit = choices_get(&m->choices, "pixelsPerUnit");
	struct price p;
	struct err *e = per ? price_parse(&p, per, unit ? unit : "1") : NULL;

	if (per && !e)
		*out = p;
	err_free(e);
}

/* Choices are lines of their own behind it, and stronger; here they keep it from
 * saying what is not so. */
static struct err *write_old(const struct migration *m, struct str *out)
{
	const char *controller = choices_get(&m->choices, "ethController");
	char *keystore = NULL;
	struct str s = STR_INIT;
	struct new_config known = {
		.network = choices_get(&m->choices, "network"),
		.datadir = m->to,
		.account = m->account,
		.password_file = choices_get(&m->choices, "ethPassword"),
		.eth_url = choices_get(&m->choices, "ethUrl"),
		.service = choices_get(&m->choices, "serviceAddr"),
	};
	struct err *e;

	if (controller && !addr_parse(&known.controller, controller))
		known.controller = (struct eth_addr){{0}};
	take_price(m, "pricePerUnit", &known.price);
	take_price(m, "maxPricePerUnit", &known.max_price);
	str_printf(&s, "%s/keystore", m->to);
	keystore = str_take(&s);
	known.keystore = keystore;
	e = new_config_write(m->old_flags, &known, out);
	free(keystore);
	return e;
}

struct err *migration_configure(struct migration *m)
{
	struct str text = STR_INIT;
	struct config *c = config_new();
	struct err *e = NULL;

	str_printf(&text, "# Written by `weir migrate` from %s.\n", m->from);
	if (m->old_flags)
		e = write_old(m, &text);
	else
		str_printf(&text, "datadir %s\n", m->to);
	str_add(&text, "\n# Chosen in the migration.\n");
	choices_flags(&m->choices, &text);
	if (!e)
		e = config_read_text(c, MIGRATION_CONFIG, text.s, text.len);
	if (e) {
		config_free(c);
		str_clear(&text);
		return err_wrap(e, "the new configuration");
	}
	config_free(m->config);
	free(m->config_text);
	m->config = c;
	m->config_text = str_take(&text);
	view_set(&m->report->network, config_text(c, OPT_NETWORK));
	return NULL;
}

/* --- the price --- */

/* The last job that has both. */
struct last_job {
	struct wei per_segment;
	struct ladder ladder;
	bool found;
};

static struct err *on_job(void *ctx, const struct alpha_row *row)
{
	struct last_job *job = ctx;
	const struct alpha_column *column;
	struct ladder l = {.n = 0};
	int64_t price = 0;

	for (size_t i = 0; (column = alpha_column(ALPHA_JOBS, i)); i++) {
		const struct alpha_value *v = &row->v[i];
		struct err *e;

		if (!strcmp(column->name, "segmentPrice") && !v->null && !v->lossy)
			price = v->i;
		if (strcmp(column->name, "transcodeOptions") != 0 || v->null)
			continue;
		e = alpha_options_parse(&l, v->text);
		if (e)
			l.n = 0;
		err_free(e);
	}
	if (price > 0 && l.n) {
		job->per_segment = wei_from((uint64_t)price);
		job->ladder = l;
		job->found = true;
	}
	return NULL;
}

static void tell_lines(struct migration *m, char *text)
{
	for (char *line; (line = strsep(&text, "\n"));)
		if (*line)
			migration_remark(m, "note", "price", "%s", line);
}

struct err *migration_suggest_price(struct migration *m)
{
	struct last_job job = {.found = false};
	struct segment_price p;
	struct str per = STR_INIT;
	struct err *e = m->alpha->db ? alpha_db_each(m->alpha->db, ALPHA_JOBS, on_job, &job)
		: NULL;

	if (e || !job.found)
		return e;
	e = segment_price_convert(job.per_segment, &job.ladder, &p);
	if (e) {
		err_free(e);
		return NULL;
	}
	tell_lines(m, p.arithmetic.s);
	u256_fmt(&per, p.wire.per.v); /* raw: an option's text */
	if (p.wire.unit.v > 1)
		str_printf(&per, "/%llu", (unsigned long long)p.wire.unit.v);
	m->price = str_take(&per);
	segment_price_clear(&p);
	return NULL;
}
