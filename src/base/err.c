#include "src/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct err {
	enum err_kind kind;
	char text[];
};

/* "<formatted>" or "<formatted>: <suffix>". */
static struct err *build(enum err_kind kind, const char *suffix, const char *fmt,
	va_list ap)
{
	size_t tail = suffix ? strlen(suffix) + 2 : 0;
	struct err *e;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	e = xmalloc(sizeof(*e) + (size_t)n + tail + 1);
	e->kind = kind;
	vsnprintf(e->text, (size_t)n + 1, fmt, ap);
	if (suffix)
		snprintf(e->text + n, tail + 1, ": %s", suffix);
	return e;
}

struct err *err_new(enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	struct err *e;

	va_start(ap, fmt);
	e = build(kind, NULL, fmt, ap);
	va_end(ap);
	return e;
}

struct err *err_sys(int errnum, const char *fmt, ...)
{
	char buf[128];
	va_list ap;
	struct err *e;

	va_start(ap, fmt);
	e = build(ERR_IO, strerror_r(errnum, buf, sizeof(buf)), fmt, ap);
	va_end(ap);
	return e;
}

struct err *err_wrap(struct err *taken, const char *fmt, ...)
{
	va_list ap;
	struct err *e;

	if (!taken)
		return NULL;
	va_start(ap, fmt);
	e = build(taken->kind, taken->text, fmt, ap);
	va_end(ap);
	err_free(taken);
	return e;
}

struct err *err_copy(const struct err *e)
{
	return e ? err_new(e->kind, "%s", e->text) : NULL;
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
	case ERR_DONE:
		return "done";
	case ERR_INTERNAL:
		return "internal";
	}
	return "?";
}
