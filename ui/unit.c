#include "ui/unit.h"

#include <inttypes.h>

/* Three digits that matter, and the thousands as a letter. */
static void scaled(struct str *out, int64_t n, const char *gap,
	const char *unit)
{
	static const char *const letters[] = {"", "k", "M", "G", "T", "P"};
	double v = (double)n;
	size_t i = 0;

	if (n < 0) {
		str_add(out, "-");
		return;
	}
	while (v >= 999.5 && i + 1 < ARRAY_SIZE(letters)) {
		v /= 1000;
		i++;
	}
	if (i && v < 99.95)
		str_printf(out, "%.1f", v);
	else
		str_printf(out, "%.0f", v);
	str_printf(out, "%s%s%s", gap, letters[i], unit);
}

void unit_rate(struct str *out, int64_t bits_per_s)
{
	if (bits_per_s > 0)
		scaled(out, bits_per_s, " ", "b/s");
	else
		str_add(out, "-");
}

void unit_bytes(struct str *out, int64_t bytes)
{
	scaled(out, bytes, " ", "B");
}

void unit_count(struct str *out, int64_t n)
{
	if (n >= 0 && n < 100000)
		str_printf(out, "%" PRId64, n);
	else
		scaled(out, n, "", "");
}

void unit_ms(struct str *out, int64_t ms)
{
	if (ms < 0)
		str_add(out, "-");
	else if (ms < 1000)
		str_printf(out, "%" PRId64 " ms", ms);
	else if (ms < 100000)
		str_printf(out, "%.1f s", (double)ms / 1000);
	else
		unit_span(out, ms);
}

void unit_span(struct str *out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		str_add(out, "-");
	else if (s < 100)
		str_printf(out, "%" PRId64 "s", s);
	else if (s < 3600)
		str_printf(out, "%" PRId64 "m", s / 60);
	else if (s < 86400)
		str_printf(out, "%" PRId64 "h%02" PRId64, s / 3600,
			s / 60 % 60);
	else
		str_printf(out, "%" PRId64 "d%02" PRId64 "h", s / 86400,
			s / 3600 % 24);
}

void unit_ratio(struct str *out, double ratio)
{
	if (ratio < 0)
		str_add(out, "-");
	else
		str_printf(out, ratio < 9.995 ? "%.2fx"
			: ratio < 99.95 ? "%.1fx" : "%.0fx", ratio);
}

void unit_fps(struct str *out, double fps)
{
	if (fps <= 0)
		str_add(out, "-");
	else
		str_printf(out, "%.4g", fps);
}

void unit_percent(struct str *out, double fraction)
{
	if (fraction < 0)
		str_add(out, "-");
	else
		str_printf(out, "%.0f%%", fraction * 100);
}

void unit_eth(struct str *out, double eth)
{
	if (eth >= 0.0001 || eth <= 0)
		str_printf(out, "%.3g ETH", eth > 0 ? eth : 0);
	else if (eth >= 1e-7)
		str_printf(out, "%.0f gwei", eth * 1e9);
	else
		str_printf(out, "%.3g gwei", eth * 1e9);
}

void unit_small(struct str *out, double v)
{
	static const char *const letters[] = {"", "m", "u", "n"};
	size_t i = 0;

	while (v > 0 && v < (i ? 0.9995 : 0.0995) && i + 1 < ARRAY_SIZE(letters)) {
		v *= 1000;
		i++;
	}
	str_printf(out, "%.3g%s", v, v > 0 ? letters[i] : "");
}

void unit_clock(struct str *out, int64_t wall_ms)
{
	int64_t s = wall_ms / 1000;

	str_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64,
		s / 3600 % 24, s / 60 % 60, s % 60);
}
