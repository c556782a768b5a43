#ifndef SRC_NODE_LISTING_H
#define SRC_NODE_LISTING_H
/* Rows of named cells as a table for people, as CSV (RFC 4180) or as JSON: what
 * queries answer with. Pure; one owner. */
#include "src/model/amount.h"

enum listing_format { LISTING_TEXT, LISTING_CSV, LISTING_JSON };
/* "text", "csv", "json"; NULL is text. */
enum listing_format listing_format(const char *word);

struct listing;
/* columns: names, as JSON's keys; NULL ends. They must outlive it. */
struct listing *listing_new(const char *const *columns);
void listing_free(struct listing *l);
/* As text, its last column stands below the row: what is long, as a remedy. */
void listing_last_below(struct listing *l);
/* The next cell, column by column; the last of a row ends it. */
void listing_add(struct listing *l, const char *text);
void listing_addf(struct listing *l, const char *fmt, ...) printf_like(2, 3);
void listing_add_number(struct listing *l, int64_t n);
void listing_add_time(struct listing *l, int64_t wall_ms); /* RFC 3339, UTC; 0: "" */
void listing_add_wei(struct listing *l, struct wei a);	   /* in ETH, exact */
size_t listing_rows(const struct listing *l);
void listing_write(const struct listing *l, enum listing_format f, struct str *out);
#endif
