/* What is offered for gas: bounds kept, replacements dear enough for nodes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "src/eth/gas.h"

static const struct gas_market london = { .is_1559 = true, .base_fee = { { { 1000 } } },
	.tip = { { { 100 } } } };
static const struct gas_market berlin = { .legacy = { { { 1100 } } } };

static void is(struct wei a, uint64_t v)
{
	assert_int_equal(wei_cmp(a, wei_from(v)), 0);
}

static void now_is(void **state)
{
	(void)state;
	is(gas_now(&london, WEI_ZERO), 1100);
	is(gas_now(&berlin, WEI_ZERO), 1100);
	is(gas_now(&berlin, wei_from(2000)), 2000);
}

static void offers(void **state)
{
	struct gas_offer o;

	(void)state;
	assert_true(gas_offer(&o, &london, WEI_ZERO, WEI_ZERO));
	assert_true(o.is_1559);
	is(o.price, 2100);
	is(o.tip, 100);
	assert_true(gas_offer(&o, &berlin, WEI_ZERO, WEI_ZERO));
	assert_false(o.is_1559);
	is(o.price, 1100);
	/* A minimum lifts the cap, not the tip. */
	assert_true(gas_offer(&o, &london, wei_from(5000), WEI_ZERO));
	is(o.price, 5000);
	is(o.tip, 100);
	/* A ceiling between now and the room above it. */
	assert_true(gas_offer(&o, &london, WEI_ZERO, wei_from(1500)));
	is(o.price, 1500);
	assert_true(gas_offer(&o, &london, WEI_ZERO, wei_from(1100)));
	is(o.price, 1100);
	assert_false(gas_offer(&o, &london, WEI_ZERO, wei_from(1099)));
	assert_false(gas_offer(&o, &berlin, WEI_ZERO, wei_from(1099)));
}

static void ceilings(void **state)
{
	struct gas_bounds b = { .max = wei_from(50) };
	struct gas gas = { 1000 };

	(void)state;
	is(gas_ceiling(&b, WEI_ZERO, gas), 50);
	is(gas_ceiling(&b, wei_from(49999), gas), 49);
	is(gas_ceiling(&b, wei_from(60000), gas), 50);
	b.max = WEI_ZERO;
	is(gas_ceiling(&b, WEI_ZERO, gas), 0);
	is(gas_ceiling(&b, wei_from(60000), gas), 60);
	is(gas_ceiling(&b, wei_from(3), gas), 1); /* not "none" */
}

/* go-ethereum takes +10 % of both, and never the same. */
static void raises(void **state)
{
	struct gas_offer old = { true, wei_from(2100), wei_from(100) }, o;
	struct gas_market dear = { .is_1559 = true, .base_fee = wei_from(4000),
		.tip = wei_from(300) };

	(void)state;
	assert_true(gas_raise(&o, &old, &london, WEI_ZERO, WEI_ZERO));
	is(o.price, 2331);
	is(o.tip, 111);
	assert_true(gas_raise(&o, &old, &dear, WEI_ZERO, WEI_ZERO));
	is(o.price, 8300);
	is(o.tip, 300);
	assert_true(gas_raise(&o, &old, &london, WEI_ZERO, wei_from(2331)));
	assert_false(gas_raise(&o, &old, &london, WEI_ZERO, wei_from(2330)));
	assert_false(gas_raise(&o, &old, &dear, WEI_ZERO, wei_from(4299)));
	old.price = wei_from(101); /* 112.11 */
	old.tip = WEI_ZERO;
	assert_true(gas_raise(&o, &old, &(struct gas_market){ .is_1559 = true }, WEI_ZERO,
		WEI_ZERO));
	is(o.price, 113);
	is(o.tip, 1);
	/* What was legacy stays so. */
	old = (struct gas_offer){ false, wei_from(1000), WEI_ZERO };
	assert_true(gas_raise(&o, &old, &london, WEI_ZERO, WEI_ZERO));
	assert_false(o.is_1559);
	is(o.price, 2100);
	is(o.tip, 0);
}

static void costs(void **state)
{
	struct gas_offer o = { true, wei_from(10), wei_from(1) };

	(void)state;
	is(gas_cost(&o, (struct gas){ 21000 }), 210000);
	o.price = (struct wei){ U256_MAX };
	assert_int_equal(wei_cmp(gas_cost(&o, (struct gas){ 2 }),
		(struct wei){ U256_MAX }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_is), cmocka_unit_test(offers),
		cmocka_unit_test(ceilings), cmocka_unit_test(raises),
		cmocka_unit_test(costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
