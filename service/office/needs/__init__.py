"""The doors the office needs, as Protocols, one file each; real doors and fakes both answer to them."""
