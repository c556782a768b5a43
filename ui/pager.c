#include "ui/pager.h"

#include <stdlib.h>
#include <string.h>

#include "ui/keys.h"

#define STEP_X 8
#define FAR 1000000

void pager_open(struct pager *p, const char *title, char *taken_text)
{
	pager_close(p);
	*p = (struct pager){.title = xstrdup(title), .text = taken_text};
}

void pager_close(struct pager *p)
{
	free(p->title);
	free(p->text);
	*p = (struct pager){.text = NULL};
}

/* Where it ends is known when it is drawn. */
void pager_key(struct pager *p, int key)
{
	int page = p->page > 1 ? p->page - 1 : 1;

	if (key == K_UP || key == 'k')
		p->top--;
	else if (key == K_DOWN || key == 'j')
		p->top++;
	else if (key == K_PAGE_UP)
		p->top -= page;
	else if (key == K_PAGE_DOWN || key == ' ')
		p->top += page;
	else if (key == K_HOME || key == 'g')
		p->top = 0;
	else if (key == K_END || key == 'G')
		p->top = FAR;
	else if (key == K_LEFT || key == 'h')
		p->left -= STEP_X;
	else if (key == K_RIGHT || key == 'l')
		p->left += STEP_X;
	else
		pager_close(p);
}

/* The lines there are, and the width of the widest. */
static int measure(const struct canvas *c, const char *text, int *w)
{
	int n = 0;

	*w = 0;
	for (const char *line = text; *line; n++) {
		size_t len = strcspn(line, "\n");
		char *copy = xstrndup(line, len);
		int one = canvas_width(c, copy);

		*w = one > *w ? one : *w;
		free(copy);
		line += len + (line[len] == '\n');
	}
	return n;
}

static int within(int at, int most)
{
	if (at > most)
		at = most;
	return at > 0 ? at : 0;
}

static void draw_line(const struct pager *p, struct canvas *c, int x, int y, int w,
	const char *line, size_t len)
{
	char *copy = xstrndup(line, len);
	const char *from = copy;

	for (int i = 0; i < p->left && *from; i++)
		utf8_next(&from);
	canvas_text(c, x, y, w, STYLE_NORMAL, from);
	free(copy);
}

void pager_draw(struct pager *p, struct canvas *c, struct rect r)
{
	struct rect in;
	struct str title = STR_INIT;
	int w, n, at = 0;

	if (!p->text)
		return;
	canvas_fill(c, r, STYLE_NORMAL, ' ');
	str_printf(&title, "%.40s (arrows: more; any other key closes)", p->title);
	in = canvas_box(c, r, title.s);
	str_clear(&title);
	n = measure(c, p->text, &w);
	p->page = in.h;
	p->top = within(p->top, n - in.h);
	p->left = within(p->left, w - (in.w - 2));
	for (const char *line = p->text; *line && at < p->top + in.h; at++) {
		size_t len = strcspn(line, "\n");

		if (at >= p->top)
			draw_line(p, c, in.x + 1, in.y + at - p->top, in.w - 2, line, len);
		line += len + (line[len] == '\n');
	}
}
