#include "ui/drain_wait.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "ui/dial.h"
#include "ui/say.h"

#define LOOK_MS 100
#define FOR_EVER_MS 2000000000 /* three weeks; poll() takes no more */
/* The roles are asked once a second: what they said before is no answer. */
#define FRESH_MS 1500
#define BACK_MS 120000 /* a node that starts anew has so long */
#define GONE_MS 60000  /* and one that stops, after it has said goodbye */

enum outcome { PENDING, WISHED, TAKEN_BACK, LOST };

static bool is(const char *field, const char *word)
{
	return strcmp(view_text(field), word) == 0;
}

/* What the node's view means for who waits; says what is new. */
static enum outcome judge(const struct drain_wait *w, const struct view_node *n,
	int64_t *told)
{
	if (w->restarts && n->started_ms >= w->ordered_ms)
		return WISHED;
	if (n->now_ms < w->answered_ms + FRESH_MS)
		return PENDING;
	if (!*view_text(n->drain_then))
		return TAKEN_BACK;
	if (*told != n->drain_left)
		fprintf(stderr, "weir: draining, %" PRId64 " left\n", n->drain_left);
	*told = n->drain_left;
	return !n->drain_left && !w->ends && !w->restarts && is(n->drain_then, "stay")
		? WISHED : PENDING;
}

/* Until it is decided, or (an error) the connection is lost. */
static struct err *follow(const struct drain_wait *w, enum outcome *out, int64_t *told)
{
	struct talk c = {.fd = -1};
	struct err *e = talk_open(&c, w->socket);
	struct ctl_frame f;

	if (!e)
		e = talk_subscribe(&c, 1u << SECTION_NODE);
	while (!e && *out == PENDING) {
		struct view_node n = {.version = NULL};
		struct ctl_view v;

		e = talk_next(&c, &f, clock_mono_ms() + FOR_EVER_MS);
		if (e || f.type != CTL_VIEW)
			continue;
		e = ctl_view_decode(&f, &v);
		if (e || v.section != SECTION_NODE || !v.version)
			continue;
		e = view_decode(section_desc(SECTION_NODE), v.json, v.n, &n);
		if (!e)
			*out = judge(w, &n, told);
		view_clear(section_desc(SECTION_NODE), &n);
	}
	talk_close(&c);
	return e;
}

static enum outcome wait_gone(const struct drain_wait *w)
{
	int64_t end_ms = clock_mono_ms() + GONE_MS;

	while (!w->is_gone(w->ctx)) {
		if (clock_mono_ms() > end_ms)
			return LOST;
		poll(NULL, 0, LOOK_MS);
	}
	return WISHED;
}

/* The connection was lost: that is how it ends, or how it begins anew. */
static enum outcome after_loss(const struct drain_wait *w, int64_t *told)
{
	int64_t end_ms = clock_mono_ms() + BACK_MS;
	enum outcome out = PENDING;

	if (w->ends)
		return wait_gone(w);
	if (!w->restarts)
		return LOST;
	while (out == PENDING && clock_mono_ms() < end_ms) {
		err_free(follow(w, &out, told));
		poll(NULL, 0, out == PENDING ? LOOK_MS : 0);
	}
	return out == PENDING ? LOST : out;
}

int drain_wait_main(const struct drain_wait *w)
{
	enum outcome out = PENDING;
	int64_t told = -1;
	struct err *e = follow(w, &out, &told);

	if (e)
		out = after_loss(w, &told);
	switch (out) {
	case WISHED:
		err_free(e);
		return 0;
	case TAKEN_BACK:
		err_free(e);
		return say_error(err_new(ERR_CANCELLED, "the drain was taken back"), 1);
	case PENDING:
	case LOST:
		break;
	}
	return say_error(err_wrap(e, "waiting for the drain"), 2);
}
