using Perk.Core.Hosting;

namespace Perk.Core.Tests.Hosting;

public sealed class TimerScheduleTests
{
    [Theory]
    [InlineData("0 */5 * * * *", "08:02:30", "00:02:30")]
    [InlineData("0 0 3 * * *", "08:00:00", "19:00:00")]
    [InlineData("*/10 * * * * *", "08:00:03", "00:00:07")]
    public void Until_Schedule_IsTheTimeToItsNextTick(string schedule, string now, string until) =>
        Assert.Equal(TimeSpan.Parse(until, null), TimerSchedule.Until(schedule, DateTimeOffset.Parse($"2026-11-26T{now}Z", null)));

    [Theory]
    [InlineData("*/5 * * * *")]
    [InlineData("00:05:00")]
    [InlineData("every night")]
    public void IsOne_OtherForms_AreNone(string schedule) => Assert.False(TimerSchedule.IsOne(schedule));
}
