#ifndef PROTO_JSON_SCAN_H
#define PROTO_JSON_SCAN_H
/* A pull scanner over JSON text (RFC 8259) for what is large and frequent: the
 * console decodes a thousand sessions several times a second between two
 * keys, and a tree of values would cost it more than the drawing. Small
 * documents use jansson. The first fault sticks: every later call returns
 * false, and scan_err() tells. One owner; the text must outlive it. */
#include "src/base/err.h"
#include "src/base/str.h"

struct json_scan {
	const char *start, *p, *end;
	const char *fault; /* literal; NULL while all is well */
	unsigned depth, max_depth;
};

void json_scan_init(struct json_scan *j, const char *text, size_t n,
	unsigned max_depth);
/* NULL when there was no fault. */
struct err *scan_err(const struct json_scan *j) must_check;
/* Records a fault of the caller's own (a literal); returns false. */
bool scan_fault(struct json_scan *j, const char *what);

/* First byte of the next value: { [ " t f n - 0..9; '\0' at the end. */
char scan_peek(struct json_scan *j);
/* '{' or '[' and its end: scan_open() once, then while scan_next() is true
 * one member (key first in an object) or item each. */
bool scan_open(struct json_scan *j, char open);
bool scan_next(struct json_scan *j, char open, bool *first);
/* A key with its colon, unescaped into *out (replacing what was there). */
bool scan_key(struct json_scan *j, struct str *out);
bool scan_text(struct json_scan *j, struct str *out);
bool scan_int(struct json_scan *j, int64_t *out);
bool scan_double(struct json_scan *j, double *out);
bool scan_bool(struct json_scan *j, bool *out);
bool scan_null(struct json_scan *j); /* true when it took a null */
/* Any value, checked and dropped. */
bool scan_skip(struct json_scan *j);
/* Nothing but blanks is left. */
bool scan_end(struct json_scan *j);

/* Appends text as a JSON string with its quotes; bytes that are not UTF-8
 * become U+FFFD. */
void json_add_text(struct str *out, const char *text);
#endif
