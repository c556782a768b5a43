/* The chain actor of one account, under a test's control: orders come as lines
 * on standard input, answers and what it tells by itself as lines on standard
 * output, the latter after a "+".
 *
 *     chain_shell URL CONTROLLER KEY DATABASE CONFIRMATIONS TIMEOUT_MS
 *
 *     facts | funds ADDR | submit KIND TO VALUE DATA TICKET | job TICKET
 *     simulate TO VALUE DATA | speed ID | cancel ID | gas MIN MAX | quit
 *
 * VALUE, MIN and MAX are wei. KEY is one of a development chain: it is an
 * argument, for all to see. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/crypto/signer.h"
#include "src/eth/chain.h"
#include "src/model/view.h"

#define LINE_MAX_BYTES 16384

static struct chain *chain;

static void say(const char *fmt, ...) printf_like(1, 2);
static void say(const char *fmt, ...)
{
	struct str line = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&line, fmt, ap);
	va_end(ap);
	str_addc(&line, '\n');
	/* One write: lines come from several threads. */
	if (write(STDOUT_FILENO, line.s, line.len) != (ssize_t)line.len)
		_exit(3);
	str_clear(&line);
}

static const char *wei_text(char out[U256_TEXT_SIZE], struct wei a)
{
	struct str s = STR_INIT;

	u256_fmt(&s, a.v);
	snprintf(out, U256_TEXT_SIZE, "%s", s.s);
	str_clear(&s);
	return out;
}

static void say_job(const char *what, const struct tx_job *j)
{
	struct str hash = STR_INIT;

	hash_fmt(&hash, j->hash);
	say("%s id=%" PRId64 " ticket=%" PRId64 " state=%s nonce=%" PRId64
		" attempts=%u hash=%s block=%" PRId64 " gas=%" PRIu64 " error=%s",
		what, j->id, j->ticket, tx_state_name(j->state),
		j->has_nonce ? (int64_t)j->nonce : -1, j->attempts, hash.s, j->block.v,
		j->gas_used.v, j->error);
	str_clear(&hash);
}

/* --- what it tells --- */

static void on_facts(void *ctx, const struct chain_facts *f)
{
	(void)ctx;
	say("+facts head=%" PRId64 " round=%" PRId64, f->head.v, f->round.initialized.v);
}

static void on_round(void *ctx, const struct chain_facts *f)
{
	(void)ctx;
	say("+round number=%" PRId64, f->round.initialized.v);
}

static void say_funds(const char *what, const struct sender_funds *f)
{
	char a[U256_TEXT_SIZE], b[U256_TEXT_SIZE], c[U256_TEXT_SIZE];

	say("%s deposit=%s reserve=%s claimed=%s withdraw=%" PRId64, what,
		wei_text(a, f->deposit), wei_text(b, f->reserve),
		wei_text(c, f->claimed_by_us), f->withdraw_round.v);
}

static void on_funds(void *ctx, struct eth_addr sender, const struct sender_funds *f)
{
	(void)ctx;
	(void)sender;
	say_funds("+funds", f);
}

static void on_job(void *ctx, const struct tx_job *j)
{
	(void)ctx;
	say_job("+job", j);
}

/* --- answers --- */

static bool is_error(struct err *taken)
{
	if (taken)
		say("error %s: %s", err_kind_name(err_kind(taken)), err_text(taken));
	err_free(taken);
	return taken != NULL;
}

static void answer_job(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	if (is_error(taken))
		return;
	if (result)
		say_job("job", result);
	else
		say("none");
	free(result);
}

static void answer_funds(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	if (is_error(taken))
		return;
	say_funds("funds", result);
	free(result);
}

static void answer_forecast(void *ctx, struct err *taken, void *result)
{
	const struct tx_forecast *f = result;
	char price[U256_TEXT_SIZE];

	(void)ctx;
	if (is_error(taken))
		return;
	say("forecast gas=%" PRIu64 " price=%s", f->gas.v, wei_text(price, f->gas_price));
	free(result);
}

static void say_facts(void)
{
	struct chain_facts f = chain_now(chain);
	char price[U256_TEXT_SIZE];

	say("facts ready=%d chain=%" PRIu64 " generation=%d head=%" PRId64 " l1=%" PRId64
		" current=%" PRId64 " round=%" PRId64 " pool=%" PRIu64
		" registered=%d active=%d is1559=%d price=%s zero=%d", f.ready,
		f.chain_id, f.generation, f.head.v, f.l1.v, f.round.current.v,
		f.round.initialized.v, f.round.pool_size, f.registered, f.active,
		f.is_1559, wei_text(price, f.gas_price), hash_is_zero(f.round.hash));
}

/* --- orders --- */

static struct wei to_wei(const char *text)
{
	struct wei a;

	if (!u256_parse(&a.v, text))
		exit(2);
	return a;
}

static struct eth_addr to_addr(const char *text)
{
	struct eth_addr a;

	if (!addr_parse(&a, text))
		exit(2);
	return a;
}

static struct tx_request to_request(char **word)
{
	struct tx_request r = { .note = "from the shell", .to = to_addr(word[0]),
		.value = to_wei(word[1]) };
	size_t n = strlen(word[2]) / 2 - 1; /* after 0x */
	uint8_t *data = xmalloc(n + 1);

	if (!hex_decode(data, n, word[2]))
		exit(2);
	r.data = blob_take(data, n);
	return r;
}

static void obey(char **word, int n)
{
	struct reply job = { NULL, answer_job, NULL };
	struct tx_request r;

	if (!strcmp(word[0], "facts")) {
		say_facts();
	} else if (!strcmp(word[0], "funds") && n == 2) {
		chain_funds(chain, to_addr(word[1]),
			(struct reply){ NULL, answer_funds, NULL });
	} else if (!strcmp(word[0], "submit") && n == 6) {
		r = to_request(word + 2);
		snprintf(r.kind, sizeof(r.kind), "%s", word[1]);
		r.ticket = strtoll(word[5], NULL, 10);
		chain_submit(chain, &r, job);
	} else if (!strcmp(word[0], "simulate") && n == 4) {
		r = to_request(word + 1);
		chain_simulate(chain, &r, (struct reply){ NULL, answer_forecast, NULL });
	} else if (!strcmp(word[0], "job") && n == 2) {
		chain_ticket_job(chain, strtoll(word[1], NULL, 10), job);
	} else if (!strcmp(word[0], "speed") && n == 2) {
		chain_speed_up(chain, strtoll(word[1], NULL, 10), job);
	} else if (!strcmp(word[0], "cancel") && n == 2) {
		chain_cancel(chain, strtoll(word[1], NULL, 10), job);
	} else if (!strcmp(word[0], "gas") && n == 3) {
		chain_set_gas_prices(chain, to_wei(word[1]), to_wei(word[2]));
		say("ok");
	} else {
		say("error what is \"%s\"?", word[0]);
	}
}

static int split(char *line, char **word, int max)
{
	int n = 0;

	for (char *at = line; *at && n < max; n++) {
		word[n] = at;
		at += strcspn(at, " \n");
		while (*at == ' ' || *at == '\n')
			*at++ = '\0';
	}
	return n;
}

static struct err *open_chain(char **argv, const struct log *log, struct board *board,
	const struct signer *signer)
{
	const char *urls[] = { argv[1] };
	struct chain_options o = {
		.urls = urls,
		.urls_n = 1,
		.network = "devnet",
		.controller = to_addr(argv[2]),
		.recipient = signer_address(signer),
		.poll_ms = 50,
		.confirmations = (unsigned)strtoul(argv[5], NULL, 10),
		.tx_timeout_ms = strtol(argv[6], NULL, 10),
		.max_replacements = 5,
	};

	return chain_new(log, board, argv[4], signer, &o, &chain);
}

int main(int argc, char **argv)
{
	struct chain_listener l = { NULL, NULL, on_facts, on_funds, on_round, on_job };
	char line[LINE_MAX_BYTES], *word[8];
	struct board *board = board_new(SECTION_COUNT);
	struct log *log = log_new("shell", NULL);
	struct signer *signer;
	uint8_t key[32];
	struct err *e;
	int n;

	if (argc != 7 || !hex_decode(key, sizeof(key), argv[3]))
		return 2;
	signer = signer_new(key);
	e = open_chain(argv, log, board, signer);
	if (is_error(e))
		return 1;
	l.to = actor_new("ears", 1000);
	chain_listen(chain, &l);
	say("open");
	while (fgets(line, sizeof(line), stdin)) {
		n = split(line, word, ARRAY_SIZE(word));
		if (n && !strcmp(word[0], "quit"))
			break;
		if (n)
			obey(word, n);
	}
	chain_free(chain);
	actor_free(l.to);
	signer_free(signer);
	board_free(board);
	log_free(log);
	return 0;
}
