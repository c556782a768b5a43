#ifndef DB_KV_H
#define DB_KV_H
/* Table kv: settings changed while the node ran ("option.<flag>"), and what
 * else is one value. */
#include "db/db.h"

struct err *kv_put(struct db *db, const char *key, const char *value) must_check;
struct err *kv_delete(struct db *db, const char *key) must_check;
/* *value: free() it; NULL when there is none. */
struct err *kv_get(struct db *db, const char *key, char **value) must_check;
/* Each key that begins with prefix, in order; an error of fn ends it. */
struct err *kv_each(struct db *db, const char *prefix,
	struct err *(*fn)(void *ctx, const char *key, const char *value), void *ctx)
	must_check;
#endif
