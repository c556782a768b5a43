#include "src/base/log.h"
#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/base/str.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

struct log {
	struct journal *journal;
	char name[];
};

static atomic_int stderr_level = LOG_INFO;
static atomic_int systemd_prefix;
static atomic_int quiet;

static struct log *make(struct journal *journal, const char *a, const char *b)
{
	size_t n = strlen(a), m = b ? strlen(b) + 1 : 0;
	struct log *l = xmalloc(sizeof(*l) + n + m + 1);

	l->journal = journal;
	memcpy(l->name, a, n + 1);
	if (b) {
		l->name[n] = '/';
		memcpy(l->name + n + 1, b, m);
	}
	return l;
}

struct log *log_new(const char *name, struct journal *journal)
{
	return make(journal, name, NULL);
}

struct log *log_child(const struct log *parent, const char *name)
{
	return make(parent->journal, parent->name, name);
}

void log_free(struct log *l)
{
	free(l);
}

void log_set_level(enum log_level level)
{
	atomic_store(&stderr_level, level);
}

enum log_level log_get_level(void)
{
	return (enum log_level)atomic_load(&stderr_level);
}

void log_set_systemd(int on)
{
	atomic_store(&systemd_prefix, on);
}

void log_set_quiet(int on)
{
	atomic_store(&quiet, on);
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {
		"trace", "debug", "info", "unusual", "broken"};

	return names[level];
}

static void to_stderr(const struct log *l, enum log_level level,
	int64_t now_ms, const char *text)
{
	/* sd-daemon(3): debug 7, info 6, warning 4, error 3. */
	static const char priority[] = {'7', '7', '6', '4', '3'};
	char when[CLOCK_TEXT_SIZE];
	struct str line = STR_INIT;
	ssize_t ignored;

	if (atomic_load(&systemd_prefix))
		str_printf(&line, "<%c>", priority[level]);
	else
		str_printf(&line, "%s %-7s ", clock_fmt(when, now_ms),
			log_level_name(level));
	str_printf(&line, "%s: %s\n", l->name, text);
	ignored = write(STDERR_FILENO, line.s, line.len);
	(void)ignored;
	str_clear(&line);
}

void log_at(const struct log *l, enum log_level level, const char *fmt, ...)
{
	bool to_err = (int)level >= atomic_load(&stderr_level) &&
		!atomic_load(&quiet);
	struct str raw = STR_INIT, safe = STR_INIT;
	int64_t now_ms = clock_wall_ms();
	va_list ap;

	if (!to_err && (level < LOG_DEBUG || !l->journal))
		return;
	va_start(ap, fmt);
	str_vprintf(&raw, fmt, ap);
	va_end(ap);
	str_add_safe(&safe, raw.s, raw.len, LINE_MAX_BYTES);
	if (to_err)
		to_stderr(l, level, now_ms, str_cstr(&safe));
	if (level >= LOG_DEBUG && l->journal)
		journal_add(l->journal, level, now_ms, l->name,
			str_cstr(&safe));
	str_clear(&raw);
	str_clear(&safe);
}
