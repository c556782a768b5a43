#ifndef PROTO_TREND_CODEC_H
#define PROTO_TREND_CODEC_H
/* A trend (src/model/trend.h) as JSON, for the console's socket and for the
 * disk:
 *
 *   {"whole":true,"fine":[[slot,observed_ms,segments,failed,pixels,busy_ms,
 *    media_ms,session_ms,cpu_ms,"earned","redeemed","gas","spent"],..],
 *    "coarse":[..]}
 *
 * Amounts are decimal wei. Zeros at the end of a row are left out, since most
 * rows have little to say. Without "whole" the rows follow on those that the
 * reader has, and there is no "coarse": it adds them up itself. Pure. */
#include "src/base/err.h"
#include "src/model/trend.h"

/* What follows on the slot `after`, or all when the hour does not reach back so
 * far (as with -1). */
void trend_write(struct str *out, const struct trend *t, int64_t after);
/* Adds to t; a whole one replaces it. After an error t is empty. Rows that are
 * not newer than those before them are dropped. */
struct err *trend_read(struct trend *t, const char *json, size_t n) must_check;
#endif
