#include "src/node/meter.h"

static int64_t rise(int64_t *high, int64_t now)
{
	int64_t by = now > *high ? now - *high : 0;

	*high += by;
	return by;
}

static struct wei rise_wei(struct wei *high, struct wei now)
{
	struct wei by = wei_sub_or_zero(now, *high);

	*high = wei_add_or_max(*high, by);
	return by;
}

static void count(struct meter *m, const struct readings *r, struct sample *add)
{
	struct readings *high = &m->high;

	add->segments = rise(&high->segments, r->segments);
	add->failed = rise(&high->failed, r->failed);
	add->pixels = rise(&high->pixels, r->pixels);
	add->busy_ms = rise(&high->busy_ms, r->busy_ms);
	add->media_ms = rise(&high->media_ms, r->media_ms);
	add->cpu_ms = rise(&high->cpu_ms, r->cpu_ms);
	add->earned = rise_wei(&high->earned, r->earned);
	add->redeemed = rise_wei(&high->redeemed, r->redeemed);
	add->gas = rise_wei(&high->gas, r->gas);
	add->spent = rise_wei(&high->spent, r->spent);
}

bool meter_read(struct meter *m, int64_t now_ms, const struct readings *r,
	struct sample *closed)
{
	int64_t slot = now_ms / TREND_FINE_MS, since = slot * TREND_FINE_MS;
	bool over = m->begun && slot > m->open.slot;
	struct sample add = {.slot = slot};

	if (over) {
		*closed = m->open;
		/* What of the slot lies behind the last reading was watched too. */
		if (slot == m->open.slot + 1) {
			closed->observed_ms += since - m->at_ms;
			closed->session_ms += (since - m->at_ms) * r->sessions;
		}
	}
	if (!m->begun || over)
		m->open = (struct sample){.slot = slot};
	if (m->begun)
		add.observed_ms = now_ms - (m->at_ms > since ? m->at_ms : since);
	add.session_ms = add.observed_ms * r->sessions;
	count(m, r, &add);
	sample_add(&m->open, &add);
	m->begun = true;
	m->at_ms = now_ms;
	return over;
}
