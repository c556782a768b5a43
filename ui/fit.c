#include "ui/fit.h"

#include <string.h>

#define AMOUNTS_MAX 4

struct amount {
	const char *digits; /* behind the point */
	size_t n, kept, least;
};

static size_t digits_at(const char *p)
{
	return strspn(p, "0123456789");
}

static bool is_unit(const char *p)
{
	static const char *const units[] = {" ETH", " gwei", " wei", " LPT"};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (str_has_prefix(p, units[i]))
			return true;
	return false;
}

/* Of "0.00351" two digits that tell something stay; of "12.3" the 12 does. */
static size_t least(const char *whole, size_t n, const char *digits)
{
	size_t zeros = strspn(digits, "0");

	return n == 1 && *whole == '0' ? zeros + 2 : 0;
}

static size_t find_amounts(const char *text, struct amount found[static AMOUNTS_MAX])
{
	size_t n = 0;

	for (const char *p = text; *p && n < AMOUNTS_MAX;) {
		size_t whole = digits_at(p), part;

		if (!whole) {
			p++;
			continue;
		}
		p += whole;
		part = *p == '.' ? digits_at(p + 1) : 0;
		if (part && is_unit(p + 1 + part))
			found[n++] = (struct amount){p + 1, part, part,
				least(p - whole, whole, p + 1)};
		p += part ? part + 1 : 0;
	}
	return n;
}

/* The columns behind the whole digits: the point, what is kept, the mark. */
static size_t width(const struct amount *a)
{
	return a->kept == a->n ? 1 + a->n : a->kept ? 2 + a->kept : 1;
}

/* What would be kept after one more cut; the mark needs room, too. */
static size_t next(const struct amount *a)
{
	return a->kept != a->n ? a->kept - 1 : a->n > 2 ? a->n - 2 : 0;
}

static struct amount *longest(struct amount *a, size_t n)
{
	struct amount *most = NULL;

	for (size_t i = 0; i < n; i++)
		if (a[i].kept && next(&a[i]) >= a[i].least && (!most || a[i].kept > most->kept))
			most = &a[i];
	return most;
}

bool fit_amounts(struct str *out, const char *text, size_t less, const char *mark)
{
	struct amount found[AMOUNTS_MAX], *a;
	size_t n = find_amounts(text, found), gone = 0;

	while (gone < less) {
		a = longest(found, n);
		if (!a)
			return false;
		gone += width(a);
		a->kept = next(a);
		gone -= width(a);
	}
	for (size_t i = 0; i < n; i++) {
		a = &found[i];
		if (a->kept == a->n)
			continue;
		str_addn(out, text, (size_t)(a->digits - text) + a->kept - !a->kept);
		str_add(out, mark);
		text = a->digits + a->n;
	}
	str_add(out, text);
	return true;
}
