#include "proto/json_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void json_scan_init(struct json_scan *j, const char *text, size_t n,
	unsigned max_depth)
{
	*j = (struct json_scan){text, text, text + n, NULL, 0, max_depth};
}

struct err *scan_err(const struct json_scan *j)
{
	if (!j->fault)
		return NULL;
	return err_new(ERR_PROTOCOL, "JSON: %s at byte %zu", j->fault,
		(size_t)(j->p - j->start));
}

bool scan_fault(struct json_scan *j, const char *what)
{
	if (!j->fault)
		j->fault = what;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

char scan_peek(struct json_scan *j)
{
	while (j->p < j->end && is_blank(*j->p))
		j->p++;
	return !j->fault && j->p < j->end ? *j->p : '\0';
}

static bool expect(struct json_scan *j, char c, const char *fault)
{
	if (scan_peek(j) != c || !c)
		return scan_fault(j, fault);
	j->p++;
	return true;
}

bool scan_open(struct json_scan *j, char open)
{
	if (j->depth >= j->max_depth)
		return scan_fault(j, "nested too deeply");
	if (!expect(j, open, open == '{' ? "no object" : "no list"))
		return false;
	j->depth++;
	return true;
}

bool scan_next(struct json_scan *j, char open, bool *first)
{
	if (scan_peek(j) == (open == '{' ? '}' : ']')) {
		j->p++;
		j->depth--;
		return false;
	}
	if (!*first && !expect(j, ',', "no comma"))
		return false;
	*first = false;
	return !j->fault;
}

static void add_utf8(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
	} else if (c < 0x800) {
		str_addc(out, (char)(0xc0 | c >> 6));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		str_addc(out, (char)(0xe0 | c >> 12));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		str_addc(out, (char)(0xf0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static bool hex4(struct json_scan *j, uint32_t *out)
{
	*out = 0;
	if (j->end - j->p < 4)
		return scan_fault(j, "cut off");
	for (int i = 0; i < 4; i++, j->p++) {
		char c = *j->p;
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
			: (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
			? (uint32_t)((c | 0x20) - 'a' + 10) : 16;

		if (d > 15)
			return scan_fault(j, "bad \\u");
		*out = *out << 4 | d;
	}
	return true;
}

static bool unescape_u(struct json_scan *j, struct str *out)
{
	uint32_t c, low;

	if (!hex4(j, &c))
		return false;
	if (!c)
		return scan_fault(j, "NUL in text");
	if (c >= 0xd800 && c < 0xdc00 && j->end - j->p >= 6 &&
		j->p[0] == '\\' && j->p[1] == 'u') {
		j->p += 2;
		if (!hex4(j, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c >= 0xd800 && c < 0xe000)
		str_add(out, REPLACEMENT);
	else
		add_utf8(out, c);
	return true;
}

static bool unescape(struct json_scan *j, struct str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char c;

	if (j->p >= j->end)
		return scan_fault(j, "cut off");
	c = *j->p++;
	if (c == 'u')
		return unescape_u(j, out);
	at = c ? strchr(from, c) : NULL;
	if (!at)
		return scan_fault(j, "bad escape");
	str_addc(out, to[at - from]);
	return true;
}

bool scan_text(struct json_scan *j, struct str *out)
{
	unsigned char all = 0; /* its high bit: not only ASCII */

	str_truncate(out, 0);
	str_reserve(out, 0);
	if (!expect(j, '"', "no text"))
		return false;
	for (;;) {
		const char *from = j->p;

		while (j->p < j->end && *j->p != '"' && *j->p != '\\' &&
			(unsigned char)*j->p >= 0x20)
			all |= (unsigned char)*j->p++;
		str_addn(out, from, (size_t)(j->p - from));
		if (j->p >= j->end)
			return scan_fault(j, "cut off");
		if (*j->p == '"')
			break;
		if (*j->p++ != '\\')
			return scan_fault(j, "control character in text");
		if (!unescape(j, out))
			return false;
	}
	j->p++;
	if (all & 0x80 && !utf8_valid(out->s, out->len))
		return scan_fault(j, "text is not UTF-8");
	return true;
}

bool scan_key(struct json_scan *j, struct str *out)
{
	return scan_text(j, out) && expect(j, ':', "no colon");
}

static bool is_number_part(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
		(c | 0x20) == 'e';
}

/* A number's characters into buf; true when it begins like one. */
static bool number(struct json_scan *j, char buf[static 48], bool *whole)
{
	size_t n = 0;
	char c = scan_peek(j);

	*whole = true;
	if (c != '-' && (c < '0' || c > '9'))
		return scan_fault(j, "no number");
	while (j->p < j->end && is_number_part(*j->p)) {
		if (n == 47)
			return scan_fault(j, "number too long");
		*whole = *whole && *j->p != '.' && (*j->p | 0x20) != 'e';
		buf[n++] = *j->p++;
	}
	buf[n] = '\0';
	return true;
}

bool scan_int(struct json_scan *j, int64_t *out)
{
	char buf[48];
	bool whole;

	if (!number(j, buf, &whole))
		return false;
	return (whole && parse_i64(buf, out)) ||
		scan_fault(j, "no whole number");
}

bool scan_double(struct json_scan *j, double *out)
{
	char buf[48], *end;
	bool whole;
	int64_t i;

	if (!number(j, buf, &whole))
		return false;
	if (whole && parse_i64(buf, &i)) {
		*out = (double)i;
		return true;
	}
	*out = strtod(buf, &end);
	return (!*end && *out - *out == 0) || scan_fault(j, "bad number");
}

static bool word(struct json_scan *j, const char *w)
{
	size_t n = strlen(w);

	scan_peek(j);
	if (j->fault || (size_t)(j->end - j->p) < n || memcmp(j->p, w, n))
		return false;
	j->p += n;
	return true;
}

bool scan_bool(struct json_scan *j, bool *out)
{
	*out = word(j, "true");
	return *out || word(j, "false") || scan_fault(j, "no true or false");
}

bool scan_null(struct json_scan *j)
{
	return word(j, "null");
}

static bool skip_members(struct json_scan *j, char open, struct str *scratch)
{
	bool first = true;

	if (!scan_open(j, open))
		return false;
	while (scan_next(j, open, &first)) {
		if (open == '{' && !scan_key(j, scratch))
			return false;
		if (!scan_skip(j))
			return false;
	}
	return !j->fault;
}

bool scan_skip(struct json_scan *j)
{
	struct str scratch = STR_INIT;
	char c = scan_peek(j);
	double d;
	bool b, ok;

	if (c == '{' || c == '[')
		ok = skip_members(j, c, &scratch);
	else if (c == '"')
		ok = scan_text(j, &scratch);
	else if (c == 't' || c == 'f')
		ok = scan_bool(j, &b);
	else
		ok = scan_null(j) || scan_double(j, &d);
	str_clear(&scratch);
	return ok;
}

bool scan_end(struct json_scan *j)
{
	scan_peek(j);
	if (j->p < j->end)
		return scan_fault(j, "more after the end");
	return !j->fault;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_add_text(struct str *out, const char *text)
{
	size_t n = strlen(text), i = 0, from, len;

	str_addc(out, '"');
	while (i < n) {
		for (from = i; i < n && is_plain((unsigned char)text[i]); i++)
			;
		str_addn(out, text + from, i - from);
		if (i >= n)
			break;
		if (!(text[i] & 0x80)) {
			if (text[i] == '"' || text[i] == '\\')
				str_printf(out, "\\%c", text[i]);
			else
				str_printf(out, "\\u%04x", text[i]);
			i++;
			continue;
		}
		for (len = 2; len <= 4 && i + len <= n; len++)
			if (utf8_valid(text + i, len))
				break;
		if (len <= 4 && i + len <= n) {
			str_addn(out, text + i, len);
			i += len;
		} else {
			str_add(out, REPLACEMENT);
			i++;
		}
	}
	str_addc(out, '"');
}
