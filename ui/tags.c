#include "ui/tags.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

void tags_clear(struct tags *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->ids[i]);
	free(t->ids);
	*t = (struct tags){0};
}

/* Where the id is, or would be. */
static size_t place(char *const *ids, size_t n, const char *id)
{
	size_t from = 0;

	while (n) {
		size_t half = n / 2;

		if (strcmp(ids[from + half], id) < 0) {
			from += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return from;
}

size_t tags_find(const struct tags *t, const char *id)
{
	size_t at = place(t->ids, t->n, id);

	return at < t->n && !strcmp(t->ids[at], id) ? at : t->n;
}

void tags_toggle(struct tags *t, const char *id)
{
	size_t at = place(t->ids, t->n, id);

	if (at < t->n && !strcmp(t->ids[at], id)) {
		free(t->ids[at]);
		t->n--;
		memmove(t->ids + at, t->ids + at + 1, (t->n - at) * sizeof(*t->ids));
		return;
	}
	t->ids = xrealloc_array(t->ids, t->n + 1, sizeof(*t->ids));
	memmove(t->ids + at + 1, t->ids + at, (t->n - at) * sizeof(*t->ids));
	t->ids[at] = xstrdup(id);
	t->n++;
}

void tags_keep(struct tags *t, const bool *seen)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (seen[i])
			t->ids[kept++] = t->ids[i];
		else
			free(t->ids[i]);
	}
	t->n = kept;
}
