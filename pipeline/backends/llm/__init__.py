"""Language models behind one small Protocol: an OpenAI-compatible client and a server that imitates one."""
