"""A suite that holds moto against AWS: `pip install passmuster[pytest] 'moto[server]'`, then `pytest test_moto.py`."""


def test_moto_answers_as_aws_does(passmuster):
    passmuster.run(target="moto", spawn="moto_server -H 127.0.0.1 -p {port}", max_calls=3000)
