#ifndef SRC_BASE_ERR_H
#define SRC_BASE_ERR_H
/* "Something failed": NULL is success. An err is owned by whoever holds the
 * pointer; pass it on or err_free() it. The text is what an operator reads,
 * and for errors that travel to a peer it is the protocol's own wording, to
 * the letter. Any thread; an err belongs to one thread at a time.
 *
 * The other two kinds of trouble are not this: a bug is assert(), a refusal by
 * rule is an enum of the module that refuses. */
#include "src/base/mem.h"
#include <stdbool.h>

enum err_kind {
	ERR_INVALID,	 /* what was asked makes no sense */
	ERR_DENIED,	 /* not allowed */
	ERR_NOT_FOUND,	 /* no such thing */
	ERR_BUSY,	 /* full now, may work later */
	ERR_TIMEOUT,	 /* a deadline passed */
	ERR_UNAVAILABLE, /* the peer is not there or went away */
	ERR_PROTOCOL,	 /* the peer's bytes break the protocol */
	ERR_LIMIT,	 /* a limit on size or count was hit */
	ERR_MEDIA,	 /* FFmpeg or the transcoder refused the media */
	ERR_IO,		 /* the operating system failed us */
	ERR_CANCELLED,	 /* we gave up on it ourselves */
	ERR_DONE,	 /* it is so already: there is nothing to do */
	ERR_INTERNAL,	 /* none of the above */
};

struct err;

struct err *err_new(enum err_kind kind, const char *fmt, ...)
	printf_like(2, 3) must_check;
/* "<text>: <strerror(errnum)>", kind ERR_IO. */
struct err *err_sys(int errnum, const char *fmt, ...)
	printf_like(2, 3) must_check;
/* Puts "<context>: " before the text; takes `taken`, NULL stays NULL. */
struct err *err_wrap(struct err *taken, const char *fmt, ...)
	printf_like(2, 3) must_check;
struct err *err_copy(const struct err *e) must_check;
void err_free(struct err *e);

enum err_kind err_kind(const struct err *e);
/* Never NULL for an err; valid until err_free(). "ok" for NULL. */
const char *err_text(const struct err *e);
const char *err_kind_name(enum err_kind kind);
#endif
