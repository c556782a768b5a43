#include "src/node/money_views.h"

#include <stdlib.h>
#include <string.h>

#include "proto/rendition_text.h"
#include "proto/view_codec.h"
#include "src/model/ladder_cost.h"
#include "src/model/view_money.h"
#include "src/node/node_private.h"

static void publish(struct node *n, enum section s, const void *view)
{
	struct str json = STR_INIT;

	view_encode(section_desc(s), view, &json);
	board_publish(n->board, s, blob_from_str(&json));
}

/* What it is reckoned by: what is asked for, or else what is paid at most. */
static bool price_shown(struct price *out, const struct view_pricing *v)
{
	return view_read_price(out, v->advertised) ||
		view_read_price(out, v->max_price);
}

static void set_text(struct ladder_cost_row *row, const struct rendition *r)
{
	struct str s = STR_INIT;

	rendition_text_write(r, &s);
	view_set(&row->text, s.s);
	str_clear(&s);
}

/* What a stream of the node's ladder comes to at this price. */
static void add_ladder(struct node *n, struct view_pricing *v)
{
	const struct kept_terms *k = atomic_load(&n->terms);
	const struct ladder *l = &k->ladder;
	struct str names = STR_INIT;
	struct wei hour, face, cost;
	struct price p;

	if (node_pays(n) && price_is_free(k->max_price))
		view_set(&v->max_price, "any");
	else if (node_pays(n))
		view_set_price(&v->max_price, k->max_price);
	for (size_t i = 0; i < l->n; i++) {
		const struct rendition *r = &l->r[i];
		struct ladder_cost_row *row = VIEW_ADD(&v->renditions);

		str_printf(&names, "%s%s", i ? ", " : "", r->name);
		view_set(&row->name, r->name);
		set_text(row, r);
		row->width = r->width;
		row->height = r->height;
		row->fps = r->fps ? (double)r->fps / (r->fps_den ? r->fps_den : 1) : 0;
		row->pixels_per_s = (double)rendition_pixels_per_s(r).v; /* raw: for display */
		if (price_shown(&p, v) &&
			price_per_hour(&hour, p, rendition_pixels_per_s(r)))
			view_set_wei(&row->cost_per_hour, hour);
	}
	view_set(&v->ladder, str_cstr(&names));
	str_clear(&names);
	v->pixels_per_s = (double)ladder_pixels_per_s(l).v; /* raw: for display */
	if (!price_shown(&p, v) ||
		!price_per_hour(&hour, p, ladder_pixels_per_s(l)))
		return;
	view_set_wei(&v->per_hour, hour);
	if (!view_read_wei(&face, v->face_value))
		return;
	v->hours_per_win = hours_per_win(hour, face);
	if (view_read_wei(&cost, v->tx_cost))
		v->redeem_share_pct = redeem_share_pct(cost, face);
}

static void on_pricing(void *ctx, struct err *taken, void *result)
{
	struct node *n = ctx;
	struct view_pricing *v = result;

	err_free(taken);
	if (!v)
		return;
	add_ladder(n, v);
	publish(n, SECTION_PRICING, v);
	view_clear(section_desc(SECTION_PRICING), v);
	free(v);
}

/* A broadcaster alone has no price but the highest that it pays. */
static void publish_max_price(struct node *n)
{
	struct view_pricing v = {.price = NULL};

	add_ladder(n, &v);
	publish(n, SECTION_PRICING, &v);
	view_clear(section_desc(SECTION_PRICING), &v);
}

struct funds_question {
	struct node *n;
	int64_t unlock_period; /* rounds */
};

static void on_funds(void *ctx, struct err *taken, void *result)
{
	struct funds_question *q = ctx;
	struct view_funds *v = result;

	err_free(taken);
	if (v) {
		v->unlock_period = q->unlock_period;
		publish(q->n, SECTION_FUNDS, v);
		view_clear(section_desc(SECTION_FUNDS), v);
		free(v);
	}
	free(q);
}

static void ask_broadcaster(struct node *n, struct actor *on,
	const struct staker_state *staker)
{
	struct funds_question *q = XNEW(struct funds_question);

	q->n = n;
	if (staker && staker->known)
		q->unlock_period = staker->unlock_period;
	broadcaster_funds(n->broadcaster, (struct reply){on, on_funds, q});
}

void money_views_ask(struct node *n, struct actor *on, const struct staker_state *staker)
{
	if (node_is_paid(n))
		orchestrator_pricing(n->orchestrator, (struct reply){on, on_pricing, n});
	else if (node_pays(n))
		publish_max_price(n);
	if (node_pays(n))
		ask_broadcaster(n, on, staker);
}
