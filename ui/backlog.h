#ifndef UI_BACKLOG_H
#define UI_BACKLOG_H
/* The console's copy of the node's log: the last BACKLOG_MAX records, by
 * sequence number. Each keeps its text folded to lower case as well, so that a
 * filter over all of them fits between two frames. One owner. */
#include "src/base/journal.h"
#include "src/base/str.h"

#define BACKLOG_MAX 100000

struct backlog_record {
	uint64_t seq;
	int64_t at_ms;
	enum log_level level;
	uint32_t missing;  /* records lost just before this one */
	uint32_t fold_len;
	char *bytes;	   /* holds the three below */
	const char *name;
	const char *text;
	const char *fold;  /* "name text" in lower case */
};

struct backlog {
	struct backlog_record *ring;
	size_t at, n; /* oldest, count */
	uint64_t last_seq;
};

/* What a record must have to be shown. */
struct backlog_filter {
	enum log_level least;
	char *text; /* lower case; words separated by '|' are alternatives */
};

void backlog_clear(struct backlog *b);
/* Records not above last_seq are dropped: a reconnect may repeat some. */
void backlog_add(struct backlog *b, const struct journal_record *r);
/* i from 0, oldest, to n - 1. */
const struct backlog_record *backlog_get(const struct backlog *b, size_t i);
/* Index of the first record with a seq at or above; n when there is none. */
size_t backlog_find(const struct backlog *b, uint64_t seq);
bool backlog_matches(const struct backlog_record *r,
	const struct backlog_filter *f);
/* Whether `fold` (lower case, n bytes) has one of the '|' alternatives. */
bool text_matches(const char *fold, size_t n, const char *alternatives);
/* ASCII to lower case; heap. */
char *text_fold(const char *text);
#endif
