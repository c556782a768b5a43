#include "proto/multipart.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define DEFAULT_PARTS 32
#define DEFAULT_PART_BYTES 300000000
#define DEFAULT_TOTAL_BYTES 600000000
#define DEFAULT_HEADER_BYTES 8192
#define PADDING_MAX 128 /* blanks behind a boundary */

enum state { PREAMBLE, DELIMITER_END, HEAD, BODY_START, BODY, COMPLETE };

struct ready {
	STAILQ_ENTRY(ready) link;
	struct part *part;
};

struct multipart {
	struct multipart_limits limits;
	char delimiter[BOUNDARY_SIZE + 4]; /* CR LF -- boundary */
	size_t delimiter_n;
	enum state state;
	struct str in;	 /* not yet understood */
	struct str body; /* of the part being read */
	struct part *part;
	STAILQ_HEAD(, ready) ready;
	size_t parts, total, preamble;
	bool failed;
};

static struct err *malformed(const char *what)
{
	return err_new(ERR_PROTOCOL, "multipart: %s", what);
}

const char *part_header(const struct part *p, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < p->headers_n; i++) {
		const char *h = p->headers[i];

		if (!strncasecmp(h, name, n) && h[n] == ':')
			return h + n + 2;
	}
	return NULL;
}

void part_free(struct part *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->headers_n; i++)
		free(p->headers[i]);
	blob_put(p->body);
	free(p);
}

struct multipart *multipart_new(const char *boundary,
	const struct multipart_limits *limits)
{
	struct multipart *m = XNEW(struct multipart);
	struct multipart_limits *l = &m->limits;

	*l = *limits;
	l->parts = l->parts ? l->parts : DEFAULT_PARTS;
	l->part_bytes = l->part_bytes ? l->part_bytes : DEFAULT_PART_BYTES;
	l->total_bytes = l->total_bytes ? l->total_bytes :
		DEFAULT_TOTAL_BYTES;
	l->header_bytes = l->header_bytes ? l->header_bytes :
		DEFAULT_HEADER_BYTES;
	STAILQ_INIT(&m->ready);
	memcpy(m->delimiter, "\r\n--", 4);
	strncpy(m->delimiter + 4, boundary, BOUNDARY_SIZE - 1);
	m->delimiter_n = strlen(m->delimiter);
	/* The first delimiter has no line before it to end. */
	str_add(&m->in, "\r\n");
	return m;
}

void multipart_free(struct multipart *m)
{
	struct part *p;

	if (!m)
		return;
	while ((p = multipart_next(m)))
		part_free(p);
	part_free(m->part);
	str_clear(&m->in);
	str_clear(&m->body);
	free(m);
}

static void consume(struct multipart *m, size_t n)
{
	memmove(m->in.s, m->in.s + n, m->in.len - n);
	str_truncate(&m->in, m->in.len - n);
}

/* Where a delimiter is, or where the bytes end that cannot belong to one. */
static bool find_delimiter(const struct multipart *m, size_t *at)
{
	const char *s = m->in.s, *end = s + m->in.len, *p = s;
	size_t n = m->delimiter_n;

	while ((p = memmem(p, (size_t)(end - p), m->delimiter, n))) {
		*at = (size_t)(p - s);
		if (p + n + 1 >= end) /* what follows decides; wait for it */
			return false;
		if ((p[n] == '-' && p[n + 1] == '-') ||
			memchr(" \t\r", p[n], 3))
			return true;
		p++;
	}
	*at = m->in.len >= n ? m->in.len - n + 1 : 0;
	return false;
}

static struct err *move_body(struct multipart *m, size_t n)
{
	if (n > m->limits.part_bytes - m->body.len ||
		n > m->limits.total_bytes - m->total)
		return err_new(ERR_LIMIT, "input bigger than max buffer size");
	str_addn(&m->body, m->in.s, n);
	m->total += n;
	consume(m, n);
	return NULL;
}

static void finish_part(struct multipart *m)
{
	struct ready *r = XNEW(struct ready);

	r->part = TAKE(m->part);
	r->part->body = blob_from_str(&m->body);
	STAILQ_INSERT_TAIL(&m->ready, r, link);
	m->state = DELIMITER_END;
	consume(m, m->delimiter_n);
}

/* Each step returns true when it used something up and more may follow. */

static bool step_preamble(struct multipart *m, struct err **e)
{
	size_t at;
	bool found = find_delimiter(m, &at);

	m->preamble += at;
	if (m->preamble > m->limits.header_bytes) {
		*e = malformed("no boundary");
		return false;
	}
	consume(m, at);
	if (!found)
		return false;
	consume(m, m->delimiter_n);
	m->state = DELIMITER_END;
	return true;
}

static bool step_delimiter_end(struct multipart *m, struct err **e)
{
	const char *crlf;

	if (m->in.len < 2)
		return false;
	if (!memcmp(m->in.s, "--", 2)) {
		m->state = COMPLETE;
		str_clear(&m->in);
		return false;
	}
	crlf = memmem(m->in.s, m->in.len, "\r\n", 2);
	if (!crlf) {
		if (m->in.len > PADDING_MAX)
			*e = malformed("text behind a boundary");
		return false;
	}
	if (strspn(m->in.s, " \t") != (size_t)(crlf - m->in.s)) {
		*e = malformed("text behind a boundary");
		return false;
	}
	if (m->parts++ == m->limits.parts) {
		*e = err_new(ERR_LIMIT, "multipart: more than %zu parts",
			m->limits.parts);
		return false;
	}
	/* The line's end stays: a part without headers begins with an empty
	 * line, and then the head's end is found the same way. */
	consume(m, (size_t)(crlf - m->in.s));
	m->part = XNEW(struct part);
	m->state = HEAD;
	return true;
}

static bool is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) &&
			(!s[i] || !strchr("!#$%&'*+-.^_`|~", s[i])))
			return false;
	}
	return n > 0;
}

static struct err *add_header(struct part *p, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n), *value, *end = line + n;
	struct str s = STR_INIT;

	if (!colon || !is_token(line, (size_t)(colon - line)))
		return malformed("malformed header");
	if (p->headers_n == PART_HEADERS_MAX)
		return err_new(ERR_LIMIT, "multipart: more than %d headers",
			PART_HEADERS_MAX);
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');
		value++)
		;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (const char *c = value; c < end; c++) {
		if ((unsigned char)*c < 0x20 && *c != '\t')
			return malformed("control character in a header");
	}
	str_addn(&s, line, (size_t)(colon - line));
	str_add(&s, ": ");
	str_addn(&s, value, (size_t)(end - value));
	p->headers[p->headers_n++] = str_take(&s);
	return NULL;
}

static bool step_head(struct multipart *m, struct err **e)
{
	const char *s = m->in.s, *end = memmem(s, m->in.len, "\r\n\r\n", 4);
	size_t limit = m->limits.header_bytes + 4;

	if (end ? (size_t)(end - s) > limit : m->in.len > limit) {
		*e = err_new(ERR_LIMIT, "multipart: headers of more than %zu "
			"bytes", m->limits.header_bytes);
		return false;
	}
	if (!end)
		return false;
	while (s < end && !*e) {
		const char *line = s + 2, *stop;

		stop = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		*e = add_header(m->part, line, (size_t)(stop - line));
		s = stop;
	}
	/* Of an empty body the delimiter may share the head's last CR LF. */
	consume(m, (size_t)(end + 2 - m->in.s));
	m->state = BODY_START;
	return !*e;
}

static bool step_body_start(struct multipart *m)
{
	size_t at;

	if (m->in.len < m->delimiter_n + 2)
		return false;
	if (find_delimiter(m, &at) && !at) {
		finish_part(m);
		return true;
	}
	consume(m, 2);
	m->state = BODY;
	return true;
}

static bool step_body(struct multipart *m, struct err **e)
{
	size_t at;
	bool found = find_delimiter(m, &at);

	*e = move_body(m, at);
	if (*e || !found)
		return false;
	finish_part(m);
	return true;
}

static bool step(struct multipart *m, struct err **e)
{
	switch (m->state) {
	case PREAMBLE:
		return step_preamble(m, e);
	case DELIMITER_END:
		return step_delimiter_end(m, e);
	case HEAD:
		return step_head(m, e);
	case BODY_START:
		return step_body_start(m);
	case BODY:
		return step_body(m, e);
	case COMPLETE:
		break;
	}
	return false;
}

struct err *multipart_feed(struct multipart *m, const void *bytes, size_t n)
{
	struct err *e = NULL;

	if (m->failed)
		return malformed("broken before");
	if (m->state == COMPLETE)
		return NULL;
	str_addn(&m->in, bytes, n);
	while (step(m, &e) && !e)
		;
	m->failed = e != NULL;
	return e;
}

struct part *multipart_next(struct multipart *m)
{
	struct ready *r = STAILQ_FIRST(&m->ready);
	struct part *p;

	if (!r)
		return NULL;
	STAILQ_REMOVE_HEAD(&m->ready, link);
	p = r->part;
	free(r);
	return p;
}

bool multipart_is_complete(const struct multipart *m)
{
	return m->state == COMPLETE;
}

void multipart_write_part(struct str *out, const char *boundary,
	const char *const *headers, const void *body, size_t n)
{
	str_reserve(out, n + 512);
	str_printf(out, "--%s\r\n", boundary);
	for (; headers && *headers; headers += 2)
		str_printf(out, "%s: %s\r\n", headers[0], headers[1]);
	str_printf(out, "Content-Length: %zu\r\n\r\n", n);
	str_addn(out, body, n);
	str_add(out, "\r\n");
}

void multipart_write_end(struct str *out, const char *boundary)
{
	str_printf(out, "--%s--\r\n", boundary);
}
