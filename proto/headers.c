#include "proto/headers.h"

#include <string.h>

#include "proto/rpc_codec.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t n, struct str *out)
{
	const uint8_t *p = bytes;

	str_reserve(out, (n + 2) / 3 * 4);
	for (; n; p += 3) {
		size_t take = n < 3 ? n : 3;
		uint32_t v = (uint32_t)p[0] << 16;

		v |= take > 1 ? (uint32_t)p[1] << 8 : 0;
		v |= take > 2 ? p[2] : 0;
		str_addc(out, alphabet[v >> 18]);
		str_addc(out, alphabet[v >> 12 & 63]);
		str_addc(out, take > 1 ? alphabet[v >> 6 & 63] : '=');
		str_addc(out, take > 2 ? alphabet[v & 63] : '=');
		n -= take;
	}
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static size_t skip_newlines(const char *text, size_t i, size_t n)
{
	while (i < n && (text[i] == '\r' || text[i] == '\n'))
		i++;
	return i;
}

/* Decodes up to four digits at *at. false with *at at the offending byte. */
static bool decode_quantum(struct str *out, const char *text, size_t n,
	size_t *at)
{
	uint32_t v = 0;
	unsigned digits = 0;
	size_t i = *at;

	for (; digits < 4; i++, digits++) {
		i = skip_newlines(text, i, n);
		*at = i;
		if (i == n || digit(text[i]) < 0)
			break;
		v = v << 6 | (uint32_t)digit(text[i]);
	}
	*at = i;
	if (digits == 4) {
		str_addn(out, (char[]){(char)(v >> 16), (char)(v >> 8),
			(char)v}, 3);
		return true;
	}
	if (i == n)
		return !digits;
	if (text[i] != '=' || digits < 2)
		return false;
	if (digits == 2) {
		i = skip_newlines(text, i + 1, n);
		if (i == n || text[i] != '=') {
			*at = i;
			return false;
		}
	}
	*at = skip_newlines(text, i + 1, n);
	v <<= 6 * (4 - digits);
	str_addn(out, (char[]){(char)(v >> 16), (char)(v >> 8)}, digits - 1);
	return *at == n; /* nothing may follow padding */
}

struct err *base64_decode(struct str *out, const char *text, size_t n)
{
	size_t before = out->len, at = 0;

	str_reserve(out, n / 4 * 3 + 3);
	while (at < n) {
		if (decode_quantum(out, text, n, &at))
			continue;
		str_truncate(out, before);
		return err_new(ERR_PROTOCOL,
			"illegal base64 data at input byte %zu", at);
	}
	return NULL;
}

void segment_header_encode(const struct segment_creds *m, struct str *out)
{
	struct str bytes = STR_INIT;

	segment_creds_encode(m, &bytes);
	base64_encode(bytes.s, bytes.len, out);
	str_clear(&bytes);
}

/* Whatever is wrong with a header, the answer to it is 403. */
static struct err *denied(struct err *taken)
{
	struct err *e = taken ? err_new(ERR_DENIED, "%s", err_text(taken)) :
		NULL;

	err_free(taken);
	return e;
}

struct err *segment_header_decode(struct segment_creds *out, const char *text)
{
	struct str bytes = STR_INIT;
	struct err *e;

	text = text ? text : "";
	e = base64_decode(&bytes, text, strlen(text));
	if (e) {
		err_free(e);
		str_clear(&bytes);
		return err_new(ERR_DENIED, "ErrorSegEncoding");
	}
	e = segment_creds_decode(out, bytes.s, bytes.len);
	str_clear(&bytes);
	return denied(e);
}

void payment_header_encode(const struct payment *p, struct str *out)
{
	struct str bytes = STR_INIT;

	payment_encode(p, &bytes);
	base64_encode(bytes.s, bytes.len, out);
	str_clear(&bytes);
}

struct err *payment_header_decode(struct payment *out, const char *text)
{
	struct str bytes = STR_INIT;
	struct err *e;

	*out = (struct payment){0};
	if (!text || !*text)
		return NULL;
	e = err_wrap(base64_decode(&bytes, text, strlen(text)),
		"base64 decode error");
	if (!e)
		e = err_wrap(payment_decode(out, bytes.s, bytes.len),
			"protobuf unmarshal error");
	str_clear(&bytes);
	return e;
}
