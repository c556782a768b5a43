#include "src/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct err {
	enum err_kind kind;
	char text[];
};

static struct err *build(enum err_kind kind, const char *prefix,
	const char *suffix)
{
	size_t a = strlen(prefix), b = suffix ? strlen(suffix) : 0;
	size_t gap = suffix ? 2 : 0;
	struct err *e = xmalloc(sizeof(*e) + a + gap + b + 1);

	e->kind = kind;
	memcpy(e->text, prefix, a);
	if (suffix) {
		memcpy(e->text + a, ": ", 2);
		memcpy(e->text + a + gap, suffix, b);
	}
	e->text[a + gap + b] = '\0';
	return e;
}

static char *format(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	return s;
}

struct err *err_new(enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	struct err *e;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	e = build(kind, s, NULL);
	free(s);
	return e;
}

struct err *err_sys(int errnum, const char *fmt, ...)
{
	char buf[128];
	va_list ap;
	struct err *e;
	char *s;

	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	e = build(ERR_IO, s, strerror_r(errnum, buf, sizeof(buf)));
	free(s);
	return e;
}

struct err *err_wrap(struct err *taken, const char *fmt, ...)
{
	va_list ap;
	struct err *e;
	char *s;

	if (!taken)
		return NULL;
	va_start(ap, fmt);
	s = format(fmt, ap);
	va_end(ap);
	e = build(taken->kind, s, taken->text);
	free(s);
	err_free(taken);
	return e;
}

struct err *err_copy(const struct err *e)
{
	return e ? build(e->kind, e->text, NULL) : NULL;
}

void err_free(struct err *e)
{
	free(e);
}

enum err_kind err_kind(const struct err *e)
{
	return e->kind;
}

const char *err_text(const struct err *e)
{
	return e ? e->text : "ok";
}

const char *err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_INVALID:
		return "invalid";
	case ERR_DENIED:
		return "denied";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_BUSY:
		return "busy";
	case ERR_TIMEOUT:
		return "timeout";
	case ERR_UNAVAILABLE:
		return "unavailable";
	case ERR_PROTOCOL:
		return "protocol";
	case ERR_LIMIT:
		return "limit";
	case ERR_MEDIA:
		return "media";
	case ERR_IO:
		return "i/o";
	case ERR_CANCELLED:
		return "cancelled";
	case ERR_INTERNAL:
		return "internal";
	}
	return "?";
}
