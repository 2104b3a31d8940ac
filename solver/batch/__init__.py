"""Many instances × policies × seeds: resumable, each row with everything needed to make it again."""
