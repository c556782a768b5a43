// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A bounded list of addresses by falling stake. Whoever inserts may name the
/// neighbours; a wrong pair costs only the search.
library Pool {
	struct Member {
		uint256 stake; // never 0 in the list
		address above;
		address below;
	}

	struct List {
		address first;
		address last;
		uint256 size;
		uint256 maxSize;
		mapping(address => Member) members;
	}

	function grow(List storage self, uint256 maxSize) internal {
		require(
			maxSize > self.maxSize,
			"new max size must be greater than old max size"
		);
		self.maxSize = maxSize;
	}

	function has(List storage self, address who) internal view returns (bool) {
		return self.members[who].stake > 0;
	}

	function full(List storage self) internal view returns (bool) {
		return self.size == self.maxSize;
	}

	function insert(
		List storage self,
		address who,
		uint256 stake,
		address above,
		address below
	) internal {
		require(!full(self), "list is full");
		require(!has(self, who), "node already in list");
		require(who != address(0), "node id is null");
		require(stake > 0, "key is zero");
		(above, below) = place(self, stake, above, below);
		self.members[who] = Member(stake, above, below);
		link(self, above, who);
		link(self, who, below);
		self.size++;
	}

	function remove(List storage self, address who) internal {
		require(has(self, who), "node not in list");
		Member memory gone = self.members[who];
		link(self, gone.above, gone.below);
		delete self.members[who];
		self.size--;
	}

	/// A stake of 0 leaves the list.
	function move(
		List storage self,
		address who,
		uint256 stake,
		address above,
		address below
	) internal {
		remove(self, who);
		if (stake > 0)
			insert(self, who, stake, above, below);
	}

	/// Makes two neighbours; 0 is the end of the list on that side.
	function link(List storage self, address above, address below) private {
		if (above == address(0))
			self.first = below;
		else
			self.members[above].below = below;
		if (below == address(0))
			self.last = above;
		else
			self.members[below].above = above;
	}

	/// Where `stake` belongs: the hint if it is right, else found from
	/// whichever half of it is of use, else from the top, before its equals.
	function place(
		List storage self,
		uint256 stake,
		address above,
		address below
	) private view returns (address, address) {
		if (fits(self, stake, above, below))
			return (above, below);
		if (!has(self, above) || stake > self.members[above].stake)
			above = address(0);
		if (!has(self, below) || stake < self.members[below].stake)
			below = address(0);
		if (above == address(0) && below != address(0)) {
			above = self.members[below].above;
			while (above != address(0) && stake > self.members[above].stake) {
				below = above;
				above = self.members[below].above;
			}
			return (above, below);
		}
		below = above == address(0) ? self.first : self.members[above].below;
		while (below != address(0) && stake < self.members[below].stake) {
			above = below;
			below = self.members[above].below;
		}
		return (above, below);
	}

	function fits(
		List storage self,
		uint256 stake,
		address above,
		address below
	) private view returns (bool) {
		if (above == address(0) && below == address(0))
			return self.size == 0;
		if (above == address(0))
			return self.first == below && stake >= self.members[below].stake;
		if (below == address(0))
			return self.last == above && stake <= self.members[above].stake;
		return has(self, above) && has(self, below) &&
			self.members[above].below == below &&
			stake <= self.members[above].stake &&
			stake >= self.members[below].stake;
	}
}
