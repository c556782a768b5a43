#ifndef UI_TAGS_H
#define UI_TAGS_H
/* A set of row ids that an operator has put a mark on. By id, so that a mark stays
 * with its row however rows come, go and change places. Zero is the empty set.
 * Pure; one owner. */
#include <stdbool.h>
#include <stddef.h>

struct tags {
	char **ids; /* in order */
	size_t n;
};

void tags_clear(struct tags *t); /* frees; usable again */
/* Where the id stands among them; t->n: it has no mark. */
size_t tags_find(const struct tags *t, const char *id);
void tags_toggle(struct tags *t, const char *id);
/* Forgets those whose seen[i] is false: a mark dies with its row. */
void tags_keep(struct tags *t, const bool *seen);
#endif
