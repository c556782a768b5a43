/* Hashes and draws of tickets against go-livepeer's and real redemptions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/pay/ticket_hash.h"

/* keccak("foo"), the block hash of go-livepeer's tests */
#define FOO "41b1a0649752af1b28b3dc29a1556eee781e4a4c3a1f7f53f90fa834de098c4d"

static struct hash32 hash(const char *hex)
{
	struct hash32 h;

	assert_true(hash_parse(&h, hex));
	return h;
}

static struct eth_addr addr(const char *hex)
{
	struct eth_addr a;

	assert_true(addr_parse(&a, hex));
	return a;
}

static struct u256 number(const char *text)
{
	struct u256 v;

	assert_true(u256_parse(&v, text));
	return v;
}

static void is(const struct ticket *t, const char *want)
{
	struct hash32 got = ticket_hash(t);

	assert_memory_equal(got.b, hash(want).b, 32);
}

/* go-livepeer pm/ticket_test.go */
static void hashes_are_the_references(void **state)
{
	struct ticket t = { .nonce = UINT32_MAX };

	(void)state;
	is(&t, "e1393fc7f6de093780674022f96cb8e3872235167d037c04d554e58c0e63d280");
	t = (struct ticket){ .nonce = 1 };
	is(&t, "ce0918ba94518293e9712effbe5fca4f1f431089833a5b8c257cb1e024595f68");
	t = (struct ticket){ .face_value = wei_from(1), .win_prob = { u256_from(500) } };
	is(&t, "87ef13f2d37e4d5352a01d3c77b8179d80e0887f1953bfabfd0bfd7b0f689ddd");
	t = (struct ticket){ .face_value = wei_from(500), .win_prob = { u256_from(1) } };
	is(&t, "aa4b35071043587992ac8b9dd1b2cf1d8311130e6458cf0b2342484e21af5f5b");
	t = (struct ticket){ .recipient = addr("73AEd7b5dEb30222fa896f399d46cC99c7BEe57F") };
	is(&t, "81e353ae39046e2b77b9f996abbaeed527fda559b61ef90f299c4499dd508ccc");
	t = (struct ticket){ .rand_hash = hash(FOO) };
	is(&t, "be5eaf9a49a39540b9bb02f1a21904f61324a29819e2c032824bfaa10c100b17");
	t = (struct ticket){ .created = { { 10 }, hash(FOO) } };
	is(&t, "e502907c16036ab3d11b78c5a2e93c20f3d6415c67f91de4ed01348182b3b2e2");
}

/* pm/ticket.go AuxData: nothing for {0, 0}, both words for all else. Made with
 * a Keccak in Python over the layout. */
static void round_and_hash_are_left_out_together(void **state)
{
	struct hash32 h = hash("7624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf0e743a9ce291b9c6f");
	struct ticket t = { .nonce = 0 };

	(void)state;
	is(&t, "cfd23b6298abaea12ade48cd472295893b7facf37c92f425e50722a72ed084ac");
	t.created = (struct ticket_expiration){ { 0 }, h };
	is(&t, "6df9ae71736b560c7e7f167817d1bf014633be5f5ae403ea59af7c3f9569c5f0");
	t.created = (struct ticket_expiration){ { 5 }, { { 0 } } };
	is(&t, "6fcaa5c07bbe8e1f07657af537752147c1aca1506118650735452754966e49d5");
	t.created = (struct ticket_expiration){ { 5 }, h };
	is(&t, "30d83f39009ea6f6e028598064ebd81fb8a17f1a6610b8c5b812fd7466145f88");
}

/* Two redemptions on Arbitrum One (calldata in go-livepeer eth/backend_test.go)
 * and one loser with a known key. */
static const struct {
	const char *recipient, *sender, *face, *prob;
	uint32_t nonce;
	const char *rand_hash;
	int64_t round;
	const char *block, *rand, *sig, *hash;
	bool wins;
} real[] = {
	{ "9C10672CEE058Fd658103d90872fE431bb6C0AFa",
	  "3eE860A4abA830AF84EbBCE2b381fc11DB8493e2", "24703611594215916",
	  "0x0a5ce4361d251fc5d71ba8fa55eef46b5a59a967145c79aa4cdbe1f943ad0000", 1,
	  "d00ef48a6825d9ae93097ad55bc76057fb50afc203aa98fd4e01aa6576d71298", 0x689,
	  "a9f81d59be53a90a12cb12f627aa9e87c505320bad20a98fd98d5ed23bfe9a54",
	  "0x2ec8398aed129f376c296c8b999d2f9ee61494110f9a752494d2ef1b89a4c9d3",
	  "5ff5265992f1a6563851d085f363b16ad65416baaee090ee368b59082437df7a"
	  "0237214659511fc188d6a4ef57c988bb18faa3e99826c78e9e75eb29366745891b",
	  "63d432158a2a3a15bdb5a87712e5cf0d1655d018a615d2e8806346536c0154c0", true },
	{ "a5E37e0BA14655e92DEff29F32adbc7D09b8a2cF",
	  "3eE860A4abA830AF84EbBCE2b381fc11DB8493e2", "10000000000000000",
	  "0x68db8bac710cb295e9e1b089a027525460aa64c2f837b4a233a4c6f8cf000", 14,
	  "5309662eee5608da45aaefe60433adec052acab8683dd12d78aad8a0192b3bec", 0x653,
	  "f3b1d2925fd1325a8a6ba8923fbe6de31dd93d9e85540eaf5a306f21177c3b8c",
	  "0x46641fdc00b0da1c09807862f3a56fb300b94592be66ca46e1248a895eeaa2be",
	  "90cb8a9280386cc77e9f3473bb87530cf9a1dbe5625013a9ed16675ad7607c80"
	  "0bf4e32ee4cc6b9c785e1c786c9965831a8216c408b251f98d6c18bf1bf4d1621c",
	  "d5104bbecf755deaa03acf83486f2414d749f5e9d98b9feb9a0ad3791413f7e4", true },
	{ "70997970C51812dc3A010C7d01b50e0d17dc79C8",
	  "15d34AAf54267DB7D7c367839AAf71A00a2C6A65", "1000000000000000000",
	  "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 7,
	  "036b6384b5eca791c62761152d0c79bb0604c104a5fb6f4eb0703f3154bb3db0", 10, FOO,
	  "5",
	  "93d06091fcc8734893753213302f5552aa785ca1c40f0eec63888718baeb8f0e"
	  "17504d63a36acd942e39a66b3912722ac164d11ac85edfda65df444e86af906c1b",
	  "e08fd948217a4697b7c40ffbe96eb85ca287fc422d76d39457b1eaf1c019a05f", false },
};

static void real_tickets_hash_recover_and_win(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
		struct ticket t = {
			.recipient = addr(real[i].recipient),
			.sender = addr(real[i].sender),
			.face_value = { number(real[i].face) },
			.win_prob = { number(real[i].prob) },
			.nonce = real[i].nonce,
			.rand_hash = hash(real[i].rand_hash),
			.created = { { real[i].round }, hash(real[i].block) },
		};
		struct u256 rand = number(real[i].rand);
		struct hash32 h = ticket_hash(&t), rh = rand_hash(rand);
		struct eth_addr signer;
		struct signature sig;

		is(&t, real[i].hash);
		assert_memory_equal(rh.b, t.rand_hash.b, sizeof(rh.b));
		assert_true(hex_decode(sig.b, sizeof(sig.b), real[i].sig));
		assert_null(ec_recover(signer.b, h.b, sig.b, sizeof(sig.b)));
		assert_true(addr_eq(signer, t.sender));
		assert_int_equal(ticket_wins(sig, rand, t.win_prob), real[i].wins);
		assert_false(ticket_wins(sig, rand, (struct prob){ U256_ZERO }));
		assert_true(ticket_wins(sig, rand, PROB_MAX));
	}
}

/* Strictly below: a draw that equals the probability has lost. */
static void a_draw_on_the_line_loses(void **state)
{
	struct u256 rand = number(real[2].rand), drawn, next;
	struct signature sig;

	(void)state;
	assert_true(hex_decode(sig.b, sizeof(sig.b), real[2].sig));
	drawn = number("0xdb13a8370bb56c8ad12906904b3ca0e1c138dee384c6afa13390384294ef9901");
	assert_false(ticket_wins(sig, rand, (struct prob){ drawn }));
	assert_true(u256_add(&next, drawn, u256_from(1)));
	assert_true(ticket_wins(sig, rand, (struct prob){ next }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_the_references),
		cmocka_unit_test(round_and_hash_are_left_out_together),
		cmocka_unit_test(real_tickets_hash_recover_and_win),
		cmocka_unit_test(a_draw_on_the_line_loses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
