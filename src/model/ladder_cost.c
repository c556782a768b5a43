#include "src/model/ladder_cost.h"

#define FPS_OF_SOURCE 30
#define SECONDS 3600

struct pixels rendition_pixels_per_s(const struct rendition *r)
{
	uint64_t den = r->fps_den ? r->fps_den : 1;
	uint64_t fps = r->fps ? r->fps : FPS_OF_SOURCE * den;
	uint64_t frame = (uint64_t)r->width * (uint64_t)r->height;

	return (struct pixels){ (frame * fps + den - 1) / den };
}

struct pixels ladder_pixels_per_s(const struct ladder *l)
{
	struct pixels sum = { 0 };

	for (size_t i = 0; i < l->n; i++)
		sum.v += rendition_pixels_per_s(&l->r[i]).v;
	return sum;
}

bool price_per_hour(struct wei *out, struct price p, struct pixels per_s)
{
	struct credit c;

	return credit_of_pixels(&c, p, per_s, SECONDS, 1, ROUND_UP) && credit_to_wei(out, c);
}

static double ratio(struct wei a, struct wei b)
{
	return wei_is_zero(b) ? -1 : u256_to_double(a.v) / u256_to_double(b.v);
}

double hours_per_win(struct wei per_hour, struct wei face_value)
{
	return ratio(face_value, per_hour);
}

double redeem_share_pct(struct wei tx_cost, struct wei face_value)
{
	double share = ratio(tx_cost, face_value);

	return share < 0 ? -1 : 100 * share;
}

void hours_fmt(struct str *out, double h)
{
	static const struct {
		double below, of; /* hours */
		const char *name;
	} units[] = {{0.1, 1.0 / 3600, "seconds"}, {2, 1.0 / 60, "minutes"}, {1000, 1, "hours"},
		{24 * 365 * 2, 24, "days"}, {24 * 365 * 1000.0, 24 * 365, "years"}};
	size_t i = 0;

	while (i < ARRAY_SIZE(units) && h >= units[i].below)
		i++;
	if (i < ARRAY_SIZE(units))
		str_printf(out, "%.3g %s", h / units[i].of, units[i].name);
	else
		str_add(out, "over 1000 years");
}
