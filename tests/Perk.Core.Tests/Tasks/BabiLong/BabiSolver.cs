using System.Text.RegularExpressions;

namespace Perk.Core.Tests.Tasks.BabiLong;

/// <summary>
/// Answers questions from lines alone, by playing the events: who is where, who holds what, and where everybody and everything
/// has been. It shares nothing with the tasks.
/// </summary>
internal static partial class BabiSolver
{
    /// <summary>The answer; null where the lines do not tell.</summary>
    /// <param name="question">As it is asked.</param>
    /// <param name="lines">In the order of events, with or without <c>Mary Event 0:</c>.</param>
    internal static string? Answer(string question, IEnumerable<string> lines)
    {
        var been = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var holder = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var match = Event().Match(line);
            if (!match.Success) throw new ArgumentException($"'{line}' is no event.", nameof(lines));
            var (agent, thing, place) = (match.Groups["agent"].Value, match.Groups["thing"].Value, match.Groups["place"].Value);
            if (match.Groups["move"].Success)
            {
                Arrive(agent, place);
                foreach (var (held, _) in holder.Where(h => h.Value == agent)) Arrive(held, place);
            }
            else if (match.Groups["grab"].Success)
            {
                if (holder.ContainsKey(thing)) throw new ArgumentException($"'{line}': somebody holds it.", nameof(lines));
                holder[thing] = agent;
                if (been.TryGetValue(agent, out var at)) Arrive(thing, at[^1]);
            }
            else if (holder.Remove(thing, out var held))
            {
                if (held != agent) throw new ArgumentException($"'{line}': {held} holds it.", nameof(lines));
            }
            else if (been.TryGetValue(agent, out var at))
            {
                been[thing] = [.. at]; // without the grab: they had it all along
            }
        }

        var asked = Question().Match(question);
        if (!been.TryGetValue(asked.Groups["entity"].Value, out var track)) return null;
        if (!asked.Groups["before"].Success) return track[^1];
        var last = track.LastIndexOf(asked.Groups["before"].Value);
        return last > 0 ? track[last - 1] : null;

        void Arrive(string entity, string place)
        {
            if (!been.TryGetValue(entity, out var places)) been[entity] = places = [];
            if (places.Count == 0 || places[^1] != place) places.Add(place);
        }
    }

    [GeneratedRegex(
        @"^([A-Za-z]+ Event [0-9]+: )?(?<agent>[A-Za-z]+) ((?<move>went|went back|travelled|journeyed|moved) to the (?<place>[a-z]+)"
        + @"|(?<grab>got|took|grabbed|picked up) the (?<thing>[a-z]+)( there)?|(left|dropped|discarded|put down) the (?<thing>[a-z]+)( there)?)\.$")]
    private static partial Regex Event();

    [GeneratedRegex(@"^Where (is|was) (the )?(?<entity>[A-Za-z]+)( before the (?<before>[a-z]+))?\?$")]
    private static partial Regex Question();
}
