#include "src/model/id.h"

#include <string.h>

static bool parse_bytes(uint8_t *out, size_t n, const char *text)
{
	size_t prefix = str_has_prefix(text, "0x") ? 2 : 0;

	return strlen(text) == prefix + 2 * n && hex_decode(out, n, text);
}

static void fmt_bytes(struct str *out, const uint8_t *b, size_t n)
{
	str_add(out, "0x");
	str_add_hex(out, b, n);
}

static bool all_zero(const uint8_t *b, size_t n)
{
	while (n > 0 && !b[n - 1])
		n--;
	return n == 0;
}

bool addr_eq(struct eth_addr a, struct eth_addr b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

bool addr_is_zero(struct eth_addr a)
{
	return all_zero(a.b, sizeof(a.b));
}

bool addr_parse(struct eth_addr *out, const char *text)
{
	return parse_bytes(out->b, sizeof(out->b), text);
}

void addr_fmt(struct str *out, struct eth_addr a)
{
	fmt_bytes(out, a.b, sizeof(a.b));
}

bool hash_eq(struct hash32 a, struct hash32 b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

bool hash_is_zero(struct hash32 h)
{
	return all_zero(h.b, sizeof(h.b));
}

bool hash_parse(struct hash32 *out, const char *text)
{
	return parse_bytes(out->b, sizeof(out->b), text);
}

void hash_fmt(struct str *out, struct hash32 h)
{
	fmt_bytes(out, h.b, sizeof(h.b));
}
