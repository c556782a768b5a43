#ifndef PROTO_JSON_TEXT_H
#define PROTO_JSON_TEXT_H
/* JSON from strangers: bounded in size and depth, its members found in any
 * letter case (as Go finds them) and taken with their type and range checked.
 * A member that is absent or null leaves the value as it was. Used by the
 * *_json files only. */
#include "src/base/err.h"
#include "src/base/str.h"
#include <jansson.h>

#define JSON_DEPTH_MAX 32

struct err *json_load(json_t **out, const char *text, size_t n, size_t max)
	must_check;
/* Borrowed; NULL when absent or null. Of several spellings the last wins. */
json_t *json_member(const json_t *object, const char *key);
struct err *json_take_text(const json_t *object, const char *key, char *out,
	size_t size) must_check;
struct err *json_take_int(const json_t *object, const char *key, int64_t min,
	int64_t max, int64_t *out) must_check;
struct err *json_take_bool(const json_t *object, const char *key, bool *out)
	must_check;
#endif
