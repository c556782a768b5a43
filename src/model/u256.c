#include "src/model/u256.h"

#include <assert.h>
#include <gmp.h>
#include <string.h>

#define LIMBS 4

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t) && GMP_NAIL_BITS == 0,
	"a limb of GMP is one of ours");

static const mp_limb_t *in(const struct u256 *v)
{
	return (const mp_limb_t *)v->limb;
}

static mp_limb_t *out_of(struct u256 *v)
{
	return (mp_limb_t *)v->limb;
}

static mp_size_t used(const mp_limb_t *limb, mp_size_t n)
{
	while (n > 0 && !limb[n - 1])
		n--;
	return n;
}

struct u256 u256_from(uint64_t v)
{
	return (struct u256){ { v } };
}

bool u256_from_be(struct u256 *out, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	*out = U256_ZERO;
	for (; n > U256_SIZE; n--)
		if (*b++)
			return false;
	for (size_t i = 0; i < n; i++)
		out->limb[i / 8] |= (uint64_t)b[n - 1 - i] << (i % 8 * 8);
	return true;
}

void u256_to_be(uint8_t out[static U256_SIZE], struct u256 v)
{
	for (size_t i = 0; i < U256_SIZE; i++)
		out[U256_SIZE - 1 - i] = (uint8_t)(v.limb[i / 8] >> (i % 8 * 8));
}

size_t u256_to_min_be(uint8_t out[static U256_SIZE], struct u256 v)
{
	uint8_t full[U256_SIZE];
	size_t n = (u256_bits(v) + 7) / 8;

	u256_to_be(full, v);
	memcpy(out, full + U256_SIZE - n, n);
	return n;
}

bool u256_to_u64(uint64_t *out, struct u256 v)
{
	*out = v.limb[0];
	return !(v.limb[1] | v.limb[2] | v.limb[3]);
}

double u256_to_double(struct u256 v)
{
	double sum = 0;

	for (int i = LIMBS - 1; i >= 0; i--)
		sum = sum * 0x1p64 + (double)v.limb[i];
	return sum;
}

bool u256_is_zero(struct u256 v)
{
	return !(v.limb[0] | v.limb[1] | v.limb[2] | v.limb[3]);
}

int u256_cmp(struct u256 a, struct u256 b)
{
	int c = mpn_cmp(in(&a), in(&b), LIMBS);

	return (c > 0) - (c < 0);
}

bool u256_eq(struct u256 a, struct u256 b)
{
	return u256_cmp(a, b) == 0;
}

unsigned u256_bits(struct u256 v)
{
	mp_size_t n = used(in(&v), LIMBS);

	return n ? (unsigned)mpn_sizeinbase(in(&v), n, 2) : 0;
}

bool u256_add(struct u256 *out, struct u256 a, struct u256 b)
{
	return !mpn_add_n(out_of(out), in(&a), in(&b), LIMBS);
}

bool u256_sub(struct u256 *out, struct u256 a, struct u256 b)
{
	return !mpn_sub_n(out_of(out), in(&a), in(&b), LIMBS);
}

bool u256_mul(struct u256 *out, struct u256 a, struct u256 b)
{
	mp_limb_t product[2 * LIMBS];

	mpn_mul_n(product, in(&a), in(&b), LIMBS);
	memcpy(out->limb, product, sizeof(out->limb));
	return used(product, 2 * LIMBS) <= LIMBS;
}

struct u256 u256_div(struct u256 a, struct u256 b, struct u256 *rem)
{
	struct u256 q = U256_ZERO, r = U256_ZERO;
	mp_size_t divisor = used(in(&b), LIMBS);

	assert(divisor);
	mpn_tdiv_qr(out_of(&q), out_of(&r), 0, in(&a), LIMBS, in(&b), divisor);
	if (rem)
		*rem = r;
	return q;
}

/* Whether something was left over goes to *rest. */
static bool mul_div(struct u256 *out, bool *rest, struct u256 a, struct u256 b,
	struct u256 c)
{
	mp_limb_t product[2 * LIMBS], q[2 * LIMBS] = { 0 }, r[LIMBS];
	mp_size_t divisor = used(in(&c), LIMBS);

	assert(divisor);
	mpn_mul_n(product, in(&a), in(&b), LIMBS);
	mpn_tdiv_qr(q, r, 0, product, 2 * LIMBS, in(&c), divisor);
	*rest = used(r, divisor) > 0;
	memcpy(out->limb, q, sizeof(out->limb));
	return used(q, 2 * LIMBS) <= LIMBS;
}

bool u256_mul_div(struct u256 *out, struct u256 a, struct u256 b, struct u256 c)
{
	bool rest;

	return mul_div(out, &rest, a, b, c);
}

bool u256_mul_div_up(struct u256 *out, struct u256 a, struct u256 b, struct u256 c)
{
	bool rest;

	return mul_div(out, &rest, a, b, c) &&
	       (!rest || u256_add(out, *out, u256_from(1)));
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool u256_parse(struct u256 *out, const char *text)
{
	int base = 10;

	*out = U256_ZERO;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++)
		if (digit_of(*text) >= base ||
			!u256_mul(out, *out, u256_from((uint64_t)base)) ||
			!u256_add(out, *out, u256_from((uint64_t)digit_of(*text))))
			return false;
	return true;
}

void u256_fmt(struct str *out, struct u256 v)
{
	/* 2^256 has 78 digits; mpn_get_str() wants one more, and destroys v. */
	uint8_t digit[U256_TEXT_SIZE + 1];
	mp_size_t n = used(in(&v), LIMBS);
	size_t digits = n ? mpn_get_str(digit, 10, out_of(&v), n) : 0;
	size_t i = 0;

	while (i < digits && !digit[i])
		i++;
	if (i == digits)
		str_addc(out, '0');
	for (; i < digits; i++)
		str_addc(out, (char)('0' + digit[i]));
}

void u256_fmt_hex(struct str *out, struct u256 v)
{
	int i = LIMBS - 1;

	while (i > 0 && !v.limb[i])
		i--;
	str_printf(out, "0x%lx", (unsigned long)v.limb[i]);
	while (i-- > 0)
		str_printf(out, "%016lx", (unsigned long)v.limb[i]);
}
