/* Random keys on random mirrors at random sizes: bytes are taken as a program.
 *   0-15	a view: section, then what is left of the line as JSON
 *   16-31	a record of the log
 *   32-46	another size of the screen
 *   47	a trend: what is left of the line as JSON
 *   other	a key
 * Nothing dangerous may reach the canvas, whatever came. */
#include "ui/desk.h"
#include "ui/keys.h"

#include <assert.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *p, *end;
};

static uint8_t next(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

/* Up to a NUL; n bytes of it. */
static const char *rest(struct input *in, size_t *n)
{
	const char *at = (const char *)in->p;

	while (in->p < in->end && *in->p)
		in->p++;
	*n = (size_t)((const char *)in->p - at);
	next(in);
	return at;
}

static void view(struct mirror *m, struct input *in, enum section s)
{
	struct ctl_view v = {s, 1, NULL, 0};
	struct err *e;
	bool more;

	v.json = rest(in, &v.n);
	mirror_put_view(m, &v);
	do {
		e = mirror_settle(m, &more);
		err_free(e);
	} while (more);
}

static void record(struct mirror *m, struct input *in, int level)
{
	size_t n;
	const char *at = rest(in, &n);
	char *text = xstrndup(at, n);
	struct journal_record r = {m->log.last_seq + 1 + next(in) % 3, 1000,
		(enum log_level)(level % 5), "fuzz", text};

	backlog_add(&m->log, &r);
	free(text);
}

static void trend(struct mirror *m, struct input *in)
{
	struct ctl_frame f = {.type = CTL_TREND};
	struct err *e;

	f.payload = rest(in, &f.n);
	e = mirror_put_trend(m, &f);
	err_free(e);
}

static void check(const struct canvas *c)
{
	for (int i = 0; i < c->w * c->h; i++) {
		uint32_t ch = c->cells[i].ch;

		assert(!ch || (ch >= 0x20 && ch != 0x7f));
		assert(!(ch >= 0x80 && ch < 0xa0) && ch != 0x202e);
		assert(c->cells[i].style < STYLE_COUNT);
		assert(ch || (i % c->w && c->cells[i - 1].ch));
	}
}

static int key_of(uint8_t b)
{
	return b < 128 ? b : b < 140 ? K_UP + (b - 128) : b == 140 ? K_ENTER
		: b == 141 ? K_ESCAPE : b == 142 ? K_TAB : b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, data + size};
	struct mirror m;
	struct canvas c;
	struct desk *d;

	setlocale(LC_CTYPE, "C.UTF-8");
	mirror_init(&m);
	d = desk_new(&m);
	canvas_init(&c, 80, 24, (enum glyphs)(next(&in) % 3));
	while (in.p < in.end) {
		uint8_t b = next(&in);
		struct wish w = {0};

		if (b < 16)
			view(&m, &in, b % SECTION_COUNT);
		else if (b < 32)
			record(&m, &in, b);
		else if (b == 47)
			trend(&m, &in);
		else if (b < 48)
			canvas_resize(&c, next(&in), next(&in));
		else
			w = desk_key(d, key_of(b));
		wish_clear(&w);
		desk_draw(d, &c);
		check(&c);
	}
	desk_free(d);
	canvas_clear(&c);
	mirror_clear(&m);
	return 0;
}
