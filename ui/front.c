#include "ui/front.h"

#include <stdlib.h>
#include <string.h>

#define FORGOTTEN UINT32_MAX
#define SCROLL_MAX 8 /* lines that the screen is looked for above or below */

void front_resize(struct front *f, int w, int h)
{
	size_t n = (size_t)w * (size_t)h;

	f->w = w;
	f->h = h;
	f->shown = xrealloc_array(f->shown, n, sizeof(*f->shown));
	f->seen = xrealloc_array(f->seen, n, sizeof(*f->seen));
	f->stamp = xrealloc_array(f->stamp, (size_t)h, sizeof(*f->stamp));
	memset(f->seen, 0, n * sizeof(*f->seen));
	memset(f->stamp, 0, (size_t)h * sizeof(*f->stamp));
	front_forget(f);
}

void front_clear(struct front *f)
{
	free(f->shown);
	free(f->seen);
	free(f->stamp);
	*f = (struct front){0};
}

void front_forget(struct front *f)
{
	for (int i = 0; i < f->w * f->h; i++)
		f->shown[i] = (struct cell){.ch = FORGOTTEN};
}

static bool same(const struct cell *a, const struct cell *b)
{
	return a->ch == b->ch && a->style == b->style;
}

static bool is_blank(const struct cell *a)
{
	return a->ch == ' ' && a->style == STYLE_NORMAL;
}

/* Bytes that the row takes, roughly, where the screen has row `y` now. */
static size_t row_cost(const struct front *f, const struct cell *row, int y)
{
	const struct cell *was = &f->shown[y * f->w];
	size_t cost = 0;
	bool on = false;

	for (int x = 0; x < f->w; x++) {
		bool change = !same(&row[x], &was[x]) &&
			!(was[x].ch == FORGOTTEN && is_blank(&row[x]));

		if (change && (!on || row[x].style != row[x - 1].style))
			cost += 8; /* a jump, or another look */
		cost += !change ? 0 : row[x].ch < 0x80 ? 1 : 3;
		on = change;
	}
	return cost;
}

/* The whole canvas, if the screen were moved up by n lines first. */
static size_t cost(const struct front *f, const struct canvas *c, int n)
{
	size_t sum = n ? 40 : 0;

	for (int y = 0; y < f->h; y++) {
		const struct cell *row = &c->cells[y * c->w];
		size_t as_is = row_cost(f, row, y), moved = as_is;

		if (as_is && n && y + n >= 0 && y + n < f->h)
			moved = row_cost(f, row, y + n);
		sum += moved < as_is ? moved : as_is;
	}
	return sum;
}

/* Whether all of it fits, as it is or by moving a part of the screen, which
 * ncurses finds by itself. */
bool front_fits(const struct front *f, const struct canvas *c, size_t room)
{
	bool yes = room == SIZE_MAX || cost(f, c, 0) <= room;

	for (int n = 1; !yes && n <= SCROLL_MAX; n++)
		yes = cost(f, c, n) <= room || cost(f, c, -n) <= room;
	return yes;
}

static bool row_differs(const struct front *f, const struct canvas *c, int y)
{
	for (int x = 0; x < f->w; x++)
		if (!same(&c->cells[y * c->w + x], &f->shown[y * f->w + x]))
			return true;
	return false;
}

void front_note(struct front *f, const struct canvas *c)
{
	f->stamps++;
	for (int y = 0; y < f->h; y++) {
		for (int x = 0; x < f->w; x++) {
			const struct cell *now = &c->cells[y * c->w + x];
			struct cell *was = &f->seen[y * f->w + x];

			if (!same(now, was))
				f->stamp[y] = f->stamps;
			*was = *now;
		}
	}
}

int front_next(const struct front *f, const struct canvas *c)
{
	int best = -1;

	for (int y = 0; y < f->h; y++)
		if ((best < 0 || f->stamp[y] > f->stamp[best]) &&
			row_differs(f, c, y))
			best = y;
	return best;
}

bool front_take(struct front *f, const struct canvas *c, int x, int y)
{
	const struct cell *now = &c->cells[y * c->w + x];
	struct cell *was = &f->shown[y * f->w + x];

	if (same(now, was))
		return false;
	*was = *now;
	return true;
}
