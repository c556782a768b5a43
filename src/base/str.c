#include "src/base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_reserve(struct str *s, size_t extra)
{
	size_t need = s->len + extra + 1, cap = s->cap ? s->cap : 64;

	if (need < s->len)
		abort();
	if (need <= s->cap)
		return;
	while (cap < need) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			abort();
	}
	s->s = xrealloc(s->s, cap);
	if (!s->cap)
		s->s[0] = '\0';
	s->cap = cap;
}

void str_clear(struct str *s)
{
	free(s->s);
	*s = STR_INIT;
}

void str_truncate(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->s[len] = '\0';
}

void str_addn(struct str *s, const void *bytes, size_t n)
{
	str_reserve(s, n);
	if (n)
		memcpy(s->s + s->len, bytes, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void str_vprintf(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		abort();
	str_reserve(s, (size_t)n);
	vsnprintf(s->s + s->len, (size_t)n + 1, fmt, again);
	va_end(again);
	s->len += (size_t)n;
}

void str_printf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(s, fmt, ap);
	va_end(ap);
}

char *str_take(struct str *s)
{
	char *out;

	str_reserve(s, 0);
	out = s->s;
	*s = STR_INIT;
	return out;
}

const char *str_cstr(const struct str *s)
{
	return s->s ? s->s : "";
}

size_t utf8_decode(const char *bytes, size_t n, uint32_t *code)
{
	const uint8_t *s = (const uint8_t *)bytes;
	size_t len = s[0] < 0x80 ? 1
		: (s[0] & 0xe0) == 0xc0 ? 2
		: (s[0] & 0xf0) == 0xe0 ? 3
		: (s[0] & 0xf8) == 0xf0 ? 4 : 0;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;

	if (!len || len > n)
		return 0;
	c = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}

bool utf8_valid(const char *s, size_t n)
{
	uint32_t code;

	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_decode(s + i, n - i, &code);
		if (!len)
			return false;
	}
	return true;
}

bool text_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad ||
		c == 0x61c || c == 0x180e ||
		(c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
		(c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void str_add_safe(struct str *s, const char *bytes, size_t n, size_t max)
{
	const uint8_t *b = (const uint8_t *)bytes;
	size_t end = n < max ? n : max, len;
	uint32_t code = 0;

	for (size_t i = 0; i < end; i += len) {
		len = utf8_decode(bytes + i, end - i, &code);
		if (len && !text_is_unsafe(code)) {
			str_addn(s, b + i, len);
			continue;
		}
		len = len ? len : 1;
		for (size_t j = 0; j < len; j++)
			str_printf(s, "\\x%02x", b[i + j]);
	}
	if (n > max)
		str_add(s, "...");
}

static bool is_number(const char *s)
{
	size_t digits = 0, points = 0;

	s += *s == '-' || *s == '+';
	for (; *s; s++) {
		digits += *s >= '0' && *s <= '9';
		points += *s == '.';
		if (!strchr("0123456789.", *s))
			return false;
	}
	return digits && points < 2;
}

static void add_quoted(struct str *s, const char *text)
{
	str_addc(s, '"');
	for (; *text; text++) {
		if (*text == '"')
			str_addc(s, '"');
		str_addc(s, *text);
	}
	str_addc(s, '"');
}

void str_add_csv(struct str *s, const char *text)
{
	bool formula = *text && strchr("=+-@\t\r", *text) && !is_number(text);
	struct str safe = STR_INIT;

	if (formula)
		str_addc(&safe, '\'');
	str_add_safe(&safe, text, strlen(text), strlen(text));
	text = str_cstr(&safe);
	if (!formula && !text[strcspn(text, ",\"\r\n")] && *text != ' ')
		str_add(s, text);
	else
		add_quoted(s, text);
	str_clear(&safe);
}

void str_add_hex(struct str *s, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < n; i++)
		str_printf(s, "%02x", b[i]);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(uint8_t *out, size_t n, const char *hex)
{
	if (hex[0] == '0' && (hex[1] | 0x20) == 'x')
		hex += 2;
	if (strlen(hex) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

bool percent_decode(char *out, size_t size, const char *in)
{
	size_t n = 0;

	for (; *in; in++) {
		char c = *in;

		if (c == '%') {
			int hi = hex_digit(in[1]);
			int lo = hi < 0 ? -1 : hex_digit(in[2]);

			if (lo < 0 || !(hi | lo))
				return false;
			c = (char)(hi << 4 | lo);
			in += 2;
		}
		if (n + 1 >= size)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

bool parse_u64(const char *s, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return !errno && !*end;
}

bool parse_i64(const char *s, int64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)s[*s == '-']))
		return false;
	errno = 0;
	*out = strtoll(s, &end, 10);
	return !errno && !*end;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}
