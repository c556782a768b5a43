/* The signer gives the references' signatures, and its memory is a
 * secret's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/secret.h"
#include "src/base/str.h"
#include "src/crypto/ec.h"
#include "src/crypto/signer.h"

/* Foundry's well-known account 4, and a ticket hash it signed (RFC 6979). */
#define KEY "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
#define HASH "e08fd948217a4697b7c40ffbe96eb85ca287fc422d76d39457b1eaf1c019a05f"
#define SIG "93d06091fcc8734893753213302f5552aa785ca1c40f0eec63888718baeb8f0e" \
	"17504d63a36acd942e39a66b3912722ac164d11ac85edfda65df444e86af906c1b"

static struct signer *unlocked(void)
{
	static const uint8_t zeros[32];
	uint8_t key[32];
	struct signer *s;

	assert_true(hex_decode(key, 32, KEY));
	s = signer_new(key);
	assert_non_null(s);
	assert_memory_equal(key, zeros, 32);
	return s;
}

static void signs_as_the_reference(void **state)
{
	struct signer *s = unlocked();
	struct signature sig;
	struct eth_addr want;
	struct hash32 h;
	uint8_t bytes[65];

	(void)state;
	assert_true(addr_parse(&want, "15d34AAf54267DB7D7c367839AAf71A00a2C6A65"));
	assert_true(addr_eq(signer_address(s), want));
	assert_true(hash_parse(&h, HASH));
	assert_true(signer_sign_hash(s, &sig, &h));
	assert_true(hex_decode(bytes, sizeof(bytes), SIG));
	assert_memory_equal(sig.b, bytes, sizeof(bytes));
	signer_free(s);
}

static void a_digest_is_signed_as_it_is(void **state)
{
	struct signer *s = unlocked();
	uint8_t rs[64], bytes[65];
	struct hash32 h, digest;
	int recid;

	(void)state;
	assert_true(hash_parse(&h, HASH));
	ec_eip191(digest.b, h.b);
	assert_true(signer_sign_digest(s, rs, &recid, &digest));
	assert_true(hex_decode(bytes, sizeof(bytes), SIG));
	assert_memory_equal(rs, bytes, sizeof(rs));
	assert_int_equal(recid, bytes[64] - 27);
	signer_free(s);
}

static void a_handle_signs_what_it_may(void **state)
{
	struct signer *all = unlocked();
	struct signer *messages = signer_limited(all, SIGN_MESSAGE);
	struct signer *none = signer_limited(messages, SIGN_TX);
	struct hash32 h = {{1}};
	struct signature sig, same;
	uint8_t rs[64];
	int recid;

	(void)state;
	assert_true(signer_can(all, SIGN_TX) && signer_can(all, SIGN_MESSAGE));
	assert_true(signer_sign_hash(all, &sig, &h));
	signer_free(all); /* the others keep the key */
	assert_true(signer_sign_hash(messages, &same, &h));
	assert_memory_equal(sig.b, same.b, sizeof(sig.b));
	assert_false(signer_sign_digest(messages, rs, &recid, &h));
	assert_false(signer_sign_hash(none, &sig, &h));
	assert_false(signer_sign_message(none, &sig, "a", 1));
	assert_false(signer_sign_digest(none, rs, &recid, &h));
	signer_free(messages);
	signer_free(none);
}

static void *sign_many(void *ctx)
{
	const struct signer *s = ctx;

	for (int i = 0; i < 50; i++) {
		struct hash32 h = {{(uint8_t)i}};
		struct signature sig;
		uint8_t who[20];
		struct err *e;

		if (!signer_sign_hash(s, &sig, &h))
			return NULL;
		e = ec_recover(who, h.b, sig.b, sizeof(sig.b));
		if (e || memcmp(who, signer_address(s).b, sizeof(who)) != 0) {
			err_free(e);
			return NULL;
		}
	}
	return ctx;
}

static void threads_share_it(void **state)
{
	struct signer *s = unlocked();
	pthread_t threads[4];
	void *result;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, s), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, s);
	}
	signer_free(s);
}

static void what_is_no_key_is_refused(void **state)
{
	uint8_t zero[32] = { 0 }, order[32];

	(void)state;
	assert_null(signer_new(zero));
	memset(order, 0xff, sizeof(order));
	assert_null(signer_new(order));
}

/* The sanitizers make mlock() do nothing. */
static bool can_lock(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return false;
#else
	return secret_locked();
#endif
}

static long locked_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static void secrets_are_locked_and_wiped(void **state)
{
	long before = locked_kb();
	char *p = secret_alloc(5000);

	(void)state;
	assert_int_equal(p[4999], 0);
	if (can_lock())
		assert_true(locked_kb() >= before + 8);
	memset(p, 'x', 5000);
	secret_wipe(p, 4999);
	assert_int_equal(p[0] | p[4998], 0);
	assert_int_equal(p[4999], 'x');
	secret_free(p, 5000);
	assert_int_equal(locked_kb(), before);
	secret_free(NULL, 5000);
}

/* The exit status of a child that runs fn; 128 and the signal that killed it. */
static int in_child(int (*fn)(void *), void *ctx)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(fn(ctx));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define PIECE 33

static int first_byte(void *p)
{
	return *(volatile char *)p;
}

static int byte_behind(void *p)
{
	/* Aligned to 16: 33 bytes take 48. */
	return ((volatile char *)p)[48];
}

static int page_before(void *p)
{
	return ((volatile char *)p)[-sysconf(_SC_PAGESIZE)];
}

static int adopted(void *p)
{
	long before = locked_kb();

	secret_adopt(p, PIECE);
	if (can_lock() && locked_kb() <= before)
		return 1;
	return first_byte(p);
}

static void a_child_has_what_it_is_given(void **state)
{
	char *p = secret_alloc(PIECE);

	(void)state;
	p[0] = 42;
	assert_int_equal(in_child(first_byte, p), 0);
	assert_int_equal(p[0], 42);
	secret_keep(p, PIECE);
	assert_int_equal(in_child(adopted, p), 42);
	secret_free(p, PIECE);
}

static void its_neighbours_may_not_be_touched(void **state)
{
	char *p = secret_alloc(PIECE);

	(void)state;
	p[47] = 1;
	assert_int_equal(in_child(byte_behind, p), 128 + SIGSEGV);
	assert_int_equal(in_child(page_before, p), 128 + SIGSEGV);
	secret_free(p, PIECE);
}

static int signs_after_fork(void *ctx)
{
	struct signer *s = ctx;
	struct hash32 h = {{0}};
	struct signature sig;
	uint8_t who[20];
	struct err *e;

	signer_adopt(s);
	if (!signer_sign_hash(s, &sig, &h))
		return 1;
	e = ec_recover(who, h.b, sig.b, sizeof(sig.b));
	if (e || memcmp(who, signer_address(s).b, sizeof(who)) != 0)
		return 2;
	signer_free(s);
	return 0;
}

static void it_goes_through_fork_when_told(void **state)
{
	struct signer *s = unlocked();

	(void)state;
	assert_int_equal(in_child(signs_after_fork, s), 1); /* a zero key */
	signer_keep(s);
	assert_int_equal(in_child(signs_after_fork, s), 0);
	signer_free(s);
}

static int hardened(void *ctx)
{
	(void)ctx;
	secret_harden_process();
	return prctl(PR_GET_DUMPABLE);
}

static void a_hardened_process_leaves_no_core(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it looks into the process itself */
#endif
	assert_int_equal(in_child(hardened, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_the_reference),
		cmocka_unit_test(a_digest_is_signed_as_it_is),
		cmocka_unit_test(a_handle_signs_what_it_may),
		cmocka_unit_test(threads_share_it),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(secrets_are_locked_and_wiped),
		cmocka_unit_test(a_child_has_what_it_is_given),
		cmocka_unit_test(its_neighbours_may_not_be_touched),
		cmocka_unit_test(it_goes_through_fork_when_told),
		cmocka_unit_test(a_hardened_process_leaves_no_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
