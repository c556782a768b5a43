#include "src/node/devices.h"

#include <stdlib.h>
#include <string.h>

#include "proto/view_codec.h"
#include "src/base/actor.h"
#include "src/media/pool.h"
#include "src/node/machine.h"

#define TICK_MS 2000

struct devices {
	struct actor *actor;
	struct board *board;
	struct pool *pool;
	struct machine *machine;
	struct timer *tick;
	struct str last; /* as published */
};

/* To what a person tells apart, so that an idle machine is no news. */
static void round_off(struct device_row *r)
{
	r->busy = (double)(int64_t)(r->busy * 100 + (r->busy < 0 ? -0.5 : 0.5)) / 100;
	r->load = (double)(int64_t)(r->load * 10 + (r->load < 0 ? -0.5 : 0.5)) / 10;
	if (r->memory_used > 0)
		r->memory_used -= r->memory_used % (1 << 20);
}

static void on_tick(void *ctx)
{
	struct devices *d = ctx;
	struct view_devices view = {.rows = {NULL, 0}};
	struct str json = STR_INIT;

	machine_read(d->machine, VIEW_ADD(&view.rows));
	if (d->pool)
		pool_devices(d->pool, &view);
	for (size_t i = 0; i < view.rows.n; i++)
		round_off(&view.rows.v[i]);
	view_encode(section_desc(SECTION_DEVICES), &view, &json);
	view_clear(section_desc(SECTION_DEVICES), &view);
	if (strcmp(str_cstr(&json), str_cstr(&d->last)) != 0) {
		str_truncate(&d->last, 0);
		str_addn(&d->last, json.s, json.len);
		board_publish(d->board, SECTION_DEVICES, blob_from_str(&json));
	}
	str_clear(&json);
}

static void on_start(void *ctx)
{
	struct devices *d = ctx;

	d->machine = machine_new("");
	d->tick = timer_new(d->actor, on_tick, d);
	timer_set(d->tick, 0, TICK_MS);
}

struct devices *devices_start(struct board *board, struct pool *pool)
{
	struct devices *d = XNEW(struct devices);

	d->board = board;
	d->pool = pool;
	d->actor = actor_new("devices", 0);
	actor_post(d->actor, on_start, d);
	return d;
}

static void on_stop(void *ctx)
{
	struct devices *d = ctx;

	timer_free(d->tick);
	machine_free(d->machine);
}

void devices_stop(struct devices *d)
{
	if (!d)
		return;
	actor_post(d->actor, on_stop, d);
	actor_free(d->actor);
	str_clear(&d->last);
	free(d);
}
