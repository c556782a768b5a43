#include "db/columns.h"

#include <stdio.h>
#include <string.h>

void stmt_bind_addr(struct stmt *st, int param, struct eth_addr a)
{
	stmt_bind_blob(st, param, a.b, sizeof(a.b));
}

void stmt_bind_hash(struct stmt *st, int param, struct hash32 h)
{
	stmt_bind_blob(st, param, h.b, sizeof(h.b));
}

void stmt_bind_hash_or_null(struct stmt *st, int param, struct hash32 h)
{
	if (hash_is_zero(h))
		stmt_bind_null(st, param);
	else
		stmt_bind_hash(st, param, h);
}

void stmt_bind_uint(struct stmt *st, int param, struct u256 v)
{
	uint8_t be[U256_SIZE];

	u256_to_be(be, v);
	stmt_bind_blob(st, param, be, sizeof(be));
}

void stmt_bind_wei(struct stmt *st, int param, struct wei a)
{
	stmt_bind_uint(st, param, a.v); /* raw: a column has no unit */
}

void stmt_bind_int_or_null(struct stmt *st, int param, int64_t v)
{
	if (v)
		stmt_bind_int(st, param, v);
	else
		stmt_bind_null(st, param);
}

struct eth_addr stmt_addr(const struct stmt *st, int column)
{
	struct eth_addr a;

	(void)stmt_blob(st, column, a.b, sizeof(a.b));
	return a;
}

struct hash32 stmt_hash(const struct stmt *st, int column)
{
	struct hash32 h;

	(void)stmt_blob(st, column, h.b, sizeof(h.b));
	return h;
}

bool stmt_read_uint(const struct stmt *st, int column, struct u256 *out)
{
	uint8_t be[U256_SIZE];

	*out = U256_ZERO;
	return stmt_blob(st, column, be, sizeof(be)) && u256_from_be(out, be, sizeof(be));
}

bool stmt_read_wei(const struct stmt *st, int column, struct wei *out)
{
	return stmt_read_uint(st, column, &out->v); /* raw: a column has no unit */
}

struct u256 stmt_uint(const struct stmt *st, int column)
{
	struct u256 v;

	(void)stmt_read_uint(st, column, &v);
	return v;
}

struct wei stmt_wei(const struct stmt *st, int column)
{
	return (struct wei){ stmt_uint(st, column) };
}

void stmt_text_into(const struct stmt *st, int column, char *out, size_t size)
{
	snprintf(out, size, "%s", stmt_text(st, column));
}
