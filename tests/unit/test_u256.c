/* src/model/u256 against Python's integers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/model/u256.h"

/* a, b, c, a / c, a % c, a * b / c, a * b, a + b; NULL: over 2^256. Made with
 * Python from random numbers of all lengths, and from the edges. */
static const struct {
	const char *a, *b, *c, *quotient, *rest, *mul_div, *product, *sum;
} vectors[] = {
	{
		"0xa6a3a4506513270e269e0d37f2a74de4",
		"0",
		"0x4cca86c36f675cc81e74ef5e8e25d940ed904759531985d5d9dc9f81818e811",
		"0",
		"0xa6a3a4506513270e269e0d37f2a74de4",
		"0",
		"0",
		"0xa6a3a4506513270e269e0d37f2a74de4",
	},
	{
		"111",
		"0x790eedb6cad4a268d116ece1738f7d93d9c172411e20b8f",
		"0xfd630f1f29d0da9953f48f1a09f76b5a170b33839263059f28c105d1fb17c23",
		"0",
		"111",
		"0",
		"0x347d791241f2326b72a8f0b5c11b37731b6ae08a3c1030301",
		"0x790eedb6cad4a268d116ece1738f7d93d9c172411e20bfe",
	},
	{
		"0xdbc496cb8e81973e0becd7b03898d190f9ebdacc0cb1e29c658cda1495e60af5",
		"0x35a659214a23d596",
		"0xf13d0e08a6a63ec",
		"0xe93733e5c0ab49663f00664e9383fbce9d54211b639920a64",
		"0x5a82641d3d7cac5",
		NULL,
		NULL,
		"0xdbc496cb8e81973e0becd7b03898d190f9ebdacc0cb1e29c9b333335e009e08b",
	},
	{
		"0x923a736994e3bf911a61dbe22e44158bae97ba94d0eda82f8f6d05584ef8aa38",
		"0x18f135d25f557203",
		"0x571758aa7f15052434b9b5df9e7769b10f4205b4907a70c31012f037b64ce422",
		"1",
		"0x3b231abf15ceba6ce5a826028fccabda9f55b4e04073376c7f5a152098abc616",
		"0x29e0edfac59d84fc",
		NULL,
		"0x923a736994e3bf911a61dbe22e44158bae97ba94d0eda82fa85e3b2aae4e1c3b",
	},
	{
		"0x2e4854ac7403e430ec66a78795e761d17731af10506bf2efc6f877186d76b07e",
		"0xcb5c74273f98e277",
		"0x930d6eaf14f4733f",
		"0x5092771e3df573610a41312f0778b85be2d0c2b12180b584",
		"0x8e02315d0b6fb902",
		"0x40013da6824de9efff2030bef223a6190d4b4cafb27de32c0403af690f6bd9dd",
		NULL,
		"0x2e4854ac7403e430ec66a78795e761d17731af10506bf2f09254eb3fad0f92f5",
	},
	{
		"0x17ebff20686734721",
		"0x9be4bcfc49b64a0872e6cc3ababced20",
		"30",
		"0xcc221aae2592d09",
		"19",
		"0x7c4f0b396bca96f7229393652104301f6ffd709642ee1a3",
		"0xe914350baa1bdb0f60d4b45d9de7da3af1fb3319bd7e7120",
		"0x9be4bcfc49b64a09f1a6be4141303441",
	},
	{
		"0x35fa36347d2caf82eeeacbe226e875555790f82ec1d3fcff2a3af4d46b0a18e8",
		"1",
		"195",
		"0x46dcd4f2336ddd39ad2efe88bb9cd3cd3fc241e17c7e03ef265fc75341b15b",
		"151",
		"0x46dcd4f2336ddd39ad2efe88bb9cd3cd3fc241e17c7e03ef265fc75341b15b",
		"0x35fa36347d2caf82eeeacbe226e875555790f82ec1d3fcff2a3af4d46b0a18e8",
		"0x35fa36347d2caf82eeeacbe226e875555790f82ec1d3fcff2a3af4d46b0a18e9",
	},
	{
		"0x2cd2a53db1fee08f571242425051c1ccd17f9acae01f5057ca02135e92b1d3f2",
		"0xf1d69ed617f5e837d70820fe119a72d174c9df6acc011cdd9474031b7f26144b",
		"0x1b2715945795e8229",
		"0x1a698e6a27e80274856add02a1c7d8324cf87e9c7d4aac7b",
		"0x16dd9c7961dfbbe3f",
		NULL,
		NULL,
		NULL,
	},
	{
		"15",
		"0x193f448b3a5aa3c81",
		"0x58d5563dab2cd31ee315128862c33a4fb774eb5248db40af",
		"0",
		"15",
		"0",
		"0x17ab504286b4f98b8f",
		"0x193f448b3a5aa3c90",
	},
	{
		"1",
		"0xf17a3007e62aa0a1df9fd789c6539382b0537e65affb229",
		"0x49952399c4aaeac1",
		"0",
		"1",
		"0x3481eb40115a0f810aec1e1ec4d525a4",
		"0xf17a3007e62aa0a1df9fd789c6539382b0537e65affb229",
		"0xf17a3007e62aa0a1df9fd789c6539382b0537e65affb22a",
	},
	{
		"0x1fb1d7c1bd0561e6",
		"0x154b7d8d14a0f9e77f1b103cdf1582b0eab477d26415479c",
		"0xd1bc52d9230d977ee22571594720771f8ca8181166d22876",
		"0",
		"0x1fb1d7c1bd0561e6",
		"0x337d09d842103ee",
		"0x2a2ef58681f138ee9127d2a78d1e99bbe1321e793da13eba49509d68d4c7228",
		"0x154b7d8d14a0f9e77f1b103cdf1582b10a664f94211aa982",
	},
	{
		"0x7e448da56a50df4db4d66a3a47469a4d8cdb305fdd2e1609",
		"0xf52ddf5d616499c9e25a7605aec6f024",
		"0x153e7c2a26a2c0bd",
		"0x5f194460156c779422072d5eb48ad9ce9",
		"0xa0a6dc71de07e04",
		NULL,
		NULL,
		"0x7e448da56a50df4eaa044997a8ab34176f35a6658bf5062d",
	},
	{
		"0x1db0c33b26bb7dbd",
		"0x7c26847f0316909e",
		"0x5e8766ed88daf4016b4013ef254b0c4e010c4759482c9cbc43435cc52eae05cf",
		"0",
		"0x1db0c33b26bb7dbd",
		"0",
		"0xe66162b81419b4d535a1fa463afeaa6",
		"0x99d747ba29d20e5b",
	},
	{
		"0xf341e07a83f73f16dbf4a8b2b0c4312d20203626f3fe39c0519088f590fbbd11",
		"0xc7ac1491def88334e647cb8f74e69a5d0dd27a65bd628881ad1b72dba7abe1c2",
		"0x3341b443a260cd0b7b45145c1a81682c64e50cad66237a0465e7e4236472f1a3",
		"4",
		"0x263b0f6bfa740ae8eee0574246be907b8c8c03715b7051aeb9f0f867ff2ff685",
		NULL,
		NULL,
		NULL,
	},
	{ "0", "252", "0x298cb3a570ccec31", "0", "0", "0", "0", "252" },
	{
		"87",
		"0xf2ee4e4519f9919c895fd7b326b94c7f9118bb16000f49c81a358ca00d75985d",
		"0xdfd43f371200339d068739fa9d1de2a0",
		"0",
		"87",
		"0x5e6cb6d21a3aff04078ae639c5880eee95",
		NULL,
		"0xf2ee4e4519f9919c895fd7b326b94c7f9118bb16000f49c81a358ca00d7598b4",
	},
	{
		"0x6050914a9d33a01c",
		"0x2049fb6fa268aa87",
		"0x1f7296ab7961fd925d39d0a89a2ef80f",
		"0",
		"0x6050914a9d33a01c",
		"0",
		"0xc25e7bbc06acc0c781c932bf1ec06c4",
		"0x809a8cba3f9c4aa3",
	},
	{
		"217",
		"0x4fd58dbe7bdc968b7afb2c68774b15d7fa529ba3fe3bfada",
		"36",
		"6",
		"1",
		"0x1e139082df8d5361e1714af3ccf12d1e416aad4d567226f30",
		"0x43ac052676fdfb9c3b3ee8a48d1ea584133005ee0280d7a2ca",
		"0x4fd58dbe7bdc968b7afb2c68774b15d7fa529ba3fe3bfbb3",
	},
	{
		"191",
		"0xd42fddbb7a86f7a243c71b9abd87a865",
		"0x2f4ccf9842e7fc2",
		"0",
		"191",
		"0x358d26857fae71815e65",
		"0x9e4fb66ee06ab2c210918d98736836a35b",
		"0xd42fddbb7a86f7a243c71b9abd87a924",
	},
	{
		"0xf3b7a50df373ca53",
		"0x43991712c215a82a06ec41adea0575438b0d590bb0a844e52587be6b5c9bcf35",
		"0x1a49636a2fa7f0eab",
		"0",
		"0xf3b7a50df373ca53",
		"0x272bc74245e5521246356332e5ddd898313879e71929a2b136bb635d12a825dd",
		NULL,
		"0x43991712c215a82a06ec41adea0575438b0d590bb0a844e6193f6379500f9988",
	},
	{
		"178",
		"0x15de0099784b5a818",
		"0x62cedc8b5b0ee76f",
		"0",
		"178",
		"630",
		"0xf345c6ab5a464ee0b0",
		"0x15de0099784b5a8ca",
	},
	{
		"0x8aa4248c8857f9a4",
		"0x6110b581fc241d0bc9d488b1cfbf33609cfc865239194242a2eddbbd5464ecc2",
		"0x3d4882a5ce5b2a92",
		"2",
		"0x10131f40eba1a480",
		"0xdb97467a31dfd6417421307a4786c5c0ea053fb3572a76db1bf51f7d48823b9e",
		NULL,
		"0x6110b581fc241d0bc9d488b1cfbf33609cfc8652391942432d920049dcbce666",
	},
	{
		"0x3f1379b58483f8b8332dd3313a0b9965cda6c6fdbd685167",
		"0x726e25cfd56a926076b3e36bb2313f5",
		"0x4259405278e4b98d",
		"0xf35f853db72a8979e908af3f22944416",
		"0x4a0063798f2eb49",
		"0x6cc940531f7818715108390a19a8d68a7a6bab53dffc3d75014bb47ae7753bc",
		NULL,
		"0x3f1379b58483f8b83a54b58e3762428bd5120534788b655c",
	},
	{
		"0x597a1ecffcf00fecb91ee9e5efe09f07cefe2a1f727d83495822cb77f4de2c08",
		"0x3a12917c1a26f88938703800149e259b",
		"0xfc3947249fc2d0a17b8f2ab53451d0135675f6ad325b55dd",
		"0x5ad1114b56a50f9a",
		"0xa40480716bc2e685420758fc2187dcd9a24948deba739216",
		"0x1499f43aba4498ab0705b6bd2e9e2622251890028ef7ca97",
		NULL,
		"0x597a1ecffcf00fecb91ee9e5efe09f080910bb9b8ca47bd290930378097c51a3",
	},
	{
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"1",
		"0",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		NULL,
		NULL,
	},
	{
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"1",
		"1",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		NULL,
	},
	{ "0", "0", "1", "0", "0", "0", "0", "0" },
	{
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0x8000000000000000000000000000000000000000000000000000000000000000",
		"1",
		"0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		NULL,
		NULL,
		NULL,
	},
	{
		"0x100000000000000000000000000000000",
		"0x100000000000000000000000000000000",
		"1",
		"0x100000000000000000000000000000000",
		"0",
		NULL,
		NULL,
		"0x200000000000000000000000000000000",
	},
	{
		"0x1000000000000000000000000000000000000000000000000",
		"0xffffffffffffffff",
		"3",
		"0x555555555555555555555555555555555555555555555555",
		"1",
		"0x5555555555555555000000000000000000000000000000000000000000000000",
		"0xffffffffffffffff000000000000000000000000000000000000000000000000",
		"0x100000000000000000000000000000000ffffffffffffffff",
	},
};

static struct u256 parse(const char *text)
{
	struct u256 v;

	assert_true(u256_parse(&v, text));
	return v;
}

static void same(bool fits, struct u256 got, const char *want)
{
	assert_int_equal(fits, want != NULL);
	if (want)
		assert_true(u256_eq(got, parse(want)));
}

static void arithmetic_is_pythons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct u256 a = parse(vectors[i].a), b = parse(vectors[i].b);
		struct u256 c = parse(vectors[i].c), got, up, rest;
		bool fits;

		same(true, u256_div(a, c, &rest), vectors[i].quotient);
		same(true, rest, vectors[i].rest);
		fits = u256_mul_div(&got, a, b, c);
		same(fits, got, vectors[i].mul_div);
		if (fits && u256_mul_div_up(&up, a, b, c)) {
			struct u256 more;

			assert_true(u256_sub(&more, up, got));
			assert_true(u256_cmp(more, u256_from(1)) <= 0);
		}
		fits = u256_mul(&got, a, b);
		same(fits, got, vectors[i].product);
		fits = u256_add(&got, a, b);
		same(fits, got, vectors[i].sum);
		if (fits) {
			assert_true(u256_sub(&got, got, b));
			assert_true(u256_eq(got, a));
		}
	}
}

static void ceilings_round_up(void **state)
{
	struct u256 v;

	(void)state;
	assert_true(u256_mul_div_up(&v, u256_from(7), u256_from(1), u256_from(7)));
	assert_true(u256_eq(v, u256_from(1)));
	assert_true(u256_mul_div_up(&v, u256_from(8), u256_from(1), u256_from(7)));
	assert_true(u256_eq(v, u256_from(2)));
	assert_false(u256_mul_div_up(&v, U256_MAX, u256_from(2), u256_from(1)));
	assert_false(u256_sub(&v, u256_from(1), u256_from(2)));
}

static void texts_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct u256 a = parse(vectors[i].a);
		struct str dec = STR_INIT, hex = STR_INIT;

		u256_fmt(&dec, a);
		u256_fmt_hex(&hex, a);
		assert_true(u256_eq(parse(dec.s), a));
		assert_true(u256_eq(parse(hex.s), a));
		assert_string_equal(vectors[i].a[1] == 'x' ? hex.s : dec.s, vectors[i].a);
		str_clear(&dec);
		str_clear(&hex);
	}
}

static void bad_texts_are_refused(void **state)
{
	static const char *const bad[] = { "", "0x", "-1", "+1", " 1", "1 ", "1.0", "0xg",
		"a", "11579208923731619542357098500868790785326998466564056403945758"
		     "4007913129639936",
		"0x10000000000000000000000000000000000000000000000000000000000000000" };
	struct u256 v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(u256_parse(&v, bad[i]));
	assert_true(u256_eq(parse("1157920892373161954235709850086879078532699846656405640394"
				  "57584007913129639935"), U256_MAX));
}

static void bytes_come_back(void **state)
{
	uint8_t full[40] = { 0 }, min[32];
	struct u256 v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct u256 a = parse(vectors[i].a);
		size_t n = u256_to_min_be(min, a);

		u256_to_be(full + 8, a);
		assert_true(u256_from_be(&v, full, 40));
		assert_true(u256_eq(v, a));
		assert_true(u256_from_be(&v, min, n));
		assert_true(u256_eq(v, a));
		assert_true(n == 0 || min[0]);
		assert_int_equal(n, (u256_bits(a) + 7) / 8);
	}
	full[7] = 1;
	assert_false(u256_from_be(&v, full, 40));
	assert_int_equal(u256_to_min_be(min, U256_ZERO), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_is_pythons),
		cmocka_unit_test(ceilings_round_up),
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(bad_texts_are_refused),
		cmocka_unit_test(bytes_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
