/* Answers of contracts: the first byte chooses how they are read. */
#include <stdlib.h>
#include <string.h>

#include "proto/abi.h"

static void read_some(struct abi_in *in, uint8_t how)
{
	struct eth_addr addrs[16];
	const uint8_t *p;
	size_t n;
	unsigned sum = 0;

	if (how & 1)
		abi_get_addr(in);
	if (how & 2)
		abi_get_bool(in);
	if (how & 4)
		abi_get_round(in);
	if (how & 8)
		abi_get_l1_block(in);
	if (how & 16 && abi_get_bytes(in, &p, &n, 4096)) {
		for (size_t i = 0; i < n; i++)
			sum += p[i];
	}
	if (how & 32) {
		n = abi_get_addrs(in, addrs, 16);
		for (size_t i = 0; i < n; i++)
			sum += addrs[i].b[19];
	}
	if (how & 64)
		abi_get_uint(in);
	if (sum == 1)
		abi_get_bytes32(in);
	err_free(abi_err(in, "f()"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eth_log log = { .topics_n = 4 };
	struct abi_in in;

	if (!size)
		return 0;
	abi_in_init(&in, data + 1, size - 1);
	read_some(&in, data[0]);
	if (size > sizeof(log.topics)) {
		memcpy(log.topics, data + 1, sizeof(log.topics));
		log.data_n = size - 1 - sizeof(log.topics);
		log.data = xmemdup(data + size - log.data_n, log.data_n);
		abi_in_log(&in, &log);
		read_some(&in, data[0]);
		read_some(&in, data[0]);
		free(log.data);
	}
	return 0;
}
