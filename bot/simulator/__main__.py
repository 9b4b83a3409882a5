"""Run the simulator as a process: python -m bot.simulator --port 8081 --token 123456:ABC."""

import argparse
import sys

from bot.simulator.pacing import Pace
from bot.simulator.server import HOST, TOKEN, serve_until_stopped


def main() -> None:
    """Parse the arguments and serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.simulator", description="A local Telegram with phones."
    )
    parser.add_argument("--port", type=int, default=8081, help="port on 127.0.0.1 (default 8081)")
    parser.add_argument("--token", default=TOKEN, help="the bot token to accept")
    parser.add_argument("--no-pace", action="store_true", help="do not enforce rate limits")
    arguments = parser.parse_args()
    sys.stderr.write(
        f"Phones: http://{HOST}:{arguments.port}/\nBot API: http://{HOST}:{arguments.port}/telegram/bot\n"
    )
    serve_until_stopped(arguments.port, arguments.token, Pace.off() if arguments.no_pace else Pace())


if __name__ == "__main__":
    main()
