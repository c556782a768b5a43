#ifndef DB_COLUMNS_H
#define DB_COLUMNS_H
/* Model types as columns, a pair of functions each, so that rows stay typed:
 * addresses, hashes, signatures and amounts are blobs of their full length
 * (amounts big-endian, so that SQL orders them right). Schemas check the
 * lengths; what is NULL reads as zero. */
#include "db/stmt.h"
#include "src/model/amount.h"
#include "src/model/id.h"

void stmt_bind_addr(struct stmt *st, int param, struct eth_addr a);
void stmt_bind_hash(struct stmt *st, int param, struct hash32 h);
void stmt_bind_hash_or_null(struct stmt *st, int param, struct hash32 h); /* zero: NULL */
void stmt_bind_uint(struct stmt *st, int param, struct u256 v);
void stmt_bind_wei(struct stmt *st, int param, struct wei a);
void stmt_bind_int_or_null(struct stmt *st, int param, int64_t v); /* zero: NULL */

struct eth_addr stmt_addr(const struct stmt *st, int column);
struct hash32 stmt_hash(const struct stmt *st, int column);
struct u256 stmt_uint(const struct stmt *st, int column);
struct wei stmt_wei(const struct stmt *st, int column);
/* False, and zero, when the column does not hold one. */
bool stmt_read_uint(const struct stmt *st, int column, struct u256 *out);
bool stmt_read_wei(const struct stmt *st, int column, struct wei *out);
/* Cut at size - 1 bytes. */
void stmt_text_into(const struct stmt *st, int column, char *out, size_t size);
#endif
